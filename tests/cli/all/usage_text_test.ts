import assert from "node:assert/strict";
import { renderPlain } from "../../../src/cli/all/usage_text.ts";
import { type AskedKey, dashboardView } from "../../../src/cli/all/dashboard.ts";
import type { Thresholds } from "../../../src/cli/all/page.ts";
import { T0 } from "../../support/builders.ts";
import { anAskedKey, noAnswer } from "../../support/asked_keys.ts";

function words(keys: readonly AskedKey[], only: Thresholds["only"] = "both"): string {
  return renderPlain(dashboardView(keys, { thresholds: { warn_at: 70, cooldown_at: 90, only }, nowMs: T0 }));
}

Deno.test("renderPlain() shows everything that the cards show", () => {
  const keys = [
    anAskedKey("work", { used: [40, 10], resets: [600, 90_000] }),
    anAskedKey("home", { used: [50, 10], resets: [7500], usage: { allowed: false } }),
    noAnswer("lost", "token rejected (401)"),
  ];
  assert.equal(
    words(keys),
    `\
Global left: 73%

work.json: OK, current
  Email: work@example.com
  5h: 60% left, reset in 10m
  Weekly: 90% left, reset in 1d 1h

home.json: COOLDOWN
  Email: home@example.com
  5h: 50% left, reset in 2h 5m
  Weekly: 90% left
  Limit: reached, not in these windows

lost.json: UNKNOWN
  Email: lost@example.com
  Error: token rejected (401)
`,
  );
});

Deno.test("renderPlain() shows only the selected window", () => {
  assert.doesNotMatch(words([anAskedKey("work")], "5h"), /Weekly/);
  assert.doesNotMatch(words([anAskedKey("work")], "weekly"), /5h/);
});

Deno.test("renderPlain() uses no character that a screen reader would have to spell", () => {
  assert.match(words([anAskedKey("work"), noAnswer("lost", "no answer within 8 s")]), /^[\n\x20-\x7e]*$/);
});
