import assert from "node:assert/strict";
import { checkRenewal } from "../../../src/cli/doctor/renewal_check.ts";
import type { RenewalStanding } from "../../../src/credentials/renewal_standing.ts";
import { T0 } from "../../support/builders.ts";

const HOUR = 3_600_000;

function aStanding(file: string, over: Partial<RenewalStanding> = {}): RenewalStanding {
  return {
    file,
    by: "cdx2",
    reason: undefined,
    endsAtMs: T0 + 5 * HOUR,
    warning: undefined,
    fix: undefined,
    ...over,
  };
}

Deno.test("checkRenewal() says who renews the keys", () => {
  const renewals = [
    aStanding("a.json"),
    aStanding("b.json", { by: "codex" }),
    aStanding("c.json", { by: undefined, reason: "an API key does not expire" }),
  ];
  assert.deepEqual(checkRenewal({ renewals, nowMs: T0 }), {
    status: "ok",
    message:
      "cdx2 renews 1 of 3 keys; Codex renews b.json; nobody renews c.json (an API key does not expire)",
    hint: null,
  });
  assert.equal(checkRenewal({ renewals: [], nowMs: T0 }), undefined);
});

Deno.test("checkRenewal() warns of the keys that need the user, and names the commands", () => {
  const dead = {
    by: undefined,
    warning: "the issuer has refused its refresh token",
    fix: "cdx2 auth login --replace a",
  };
  const renewals = [aStanding("a.json", dead), aStanding("b.json")];
  assert.deepEqual(checkRenewal({ renewals, nowMs: T0 }), {
    status: "warn",
    message: "a.json: the issuer has refused its refresh token, its token expires in 5h",
    hint: 'run "cdx2 auth login --replace a"',
  });
  const failing = [aStanding("a.json", { warning: "its renewal failed: status 500", endsAtMs: T0 - 1 })];
  assert.deepEqual(checkRenewal({ renewals: failing, nowMs: T0 }), {
    status: "warn",
    message: "a.json: its renewal failed: status 500",
    hint: "it is tried again by itself",
  });
});
