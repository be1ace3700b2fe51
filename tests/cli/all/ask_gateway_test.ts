import assert from "node:assert/strict";
import { askedKey } from "../../../src/cli/all/ask_gateway.ts";
import type { Fields } from "../../../src/values/json.ts";
import { anAccount } from "../../support/doctor_facts.ts";
import { T0 } from "../../support/builders.ts";

const window = (over: object) => ({
  limit: "codex",
  limit_window_seconds: 18_000,
  used_percent: 40,
  reset_at: new Date(T0 + 60_000).toISOString(),
  source: "usage" as const,
  at: new Date(T0).toISOString(),
  ...over,
});

Deno.test("askedKey() shows the windows of the account, and one that has been reset since as full again", () => {
  const past = { limit_window_seconds: 604_800, reset_at: new Date(T0 - 1).toISOString() };
  const windows = [window({}), window(past), window({ limit: "codex_model" })];
  const { answer } = askedKey(anAccount({ usage: { windows, credits: null } }), T0);
  assert.deepEqual(answer.kind === "usage" && answer.usage.windows, [
    { windowSeconds: 18_000, usedPercent: 40, resetAtMs: T0 + 60_000 },
    { windowSeconds: 604_800, usedPercent: 0, resetAtMs: undefined },
  ]);
});

/** `[the account, why it shows nothing]` */
const WITHOUT: readonly [Fields, RegExp][] = [
  [{ disabled: true }, /disabled/],
  [{ status: "BLACKLIST", reason: "token_revoked" }, /^blacklisted: token_revoked/],
  [{ usage: null }, /has not read/],
];
for (const [over, reason] of WITHOUT) {
  Deno.test(`askedKey() says of ${JSON.stringify(over)}: ${reason.source}`, () => {
    const { answer } = askedKey(anAccount(over), T0);
    assert.match(answer.kind === "failed" ? answer.reason : "", reason);
  });
}
