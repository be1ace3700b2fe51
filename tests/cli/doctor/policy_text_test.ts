import assert from "node:assert/strict";
import { diagnose } from "../../../src/cli/doctor/diagnosis.ts";
import { policyLines } from "../../../src/cli/doctor/policy_text.ts";
import { describeSettings } from "../../../src/config/settings.ts";
import { aRunningService, someFacts } from "../../support/doctor_facts.ts";
import { aDebugView, someSettings } from "../../support/service_world.ts";

function textOf(policy: Parameters<typeof policyLines>[0]): string {
  return policyLines(policy).map(({ text }) => text).join("\n");
}

Deno.test("policyLines() says the rules with the numbers of the running proxy", () => {
  const settings = describeSettings(someSettings({ env: { CLIPROXY_COOLDOWN_SECONDS: "45" } }));
  const service = aRunningService({ debug: aDebugView({ settings }) });
  const text = textOf(diagnose(someFacts({ service })).policy);
  assert.match(
    text,
    /cooldown +45s after a 429 that names no time; doubles with each strike, up to 15m; after 5 strikes in a row the key is blacklisted/,
  );
  assert.match(
    text,
    /blacklisted +15m after a 401 or 403; doubles each time, up to 6h; at most 50% of the keys for a 403/,
  );
  assert.match(text, /probation +a trial every 20s; 2 successes in a row end it/);
  assert.match(text, /changed +cooldown_seconds \(environment\)$/);
  assert.doesNotMatch(text, /undefined|\?/);
});

Deno.test("policyLines() shows parts of a second, which tests set", () => {
  assert.match(textOf({ hold_seconds: { value: 0.2, source: "default" } }), /waits up to 200ms/);
});

Deno.test("policyLines() has nothing to say of a proxy that tells no settings", () => {
  assert.deepEqual(policyLines({}), []);
});
