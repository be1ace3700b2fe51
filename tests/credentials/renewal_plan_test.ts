import assert from "node:assert/strict";
import { fingerprint } from "../../src/auth/fingerprint.ts";
import { readRenewalFacts } from "../../src/credentials/renewal_facts.ts";
import { newMark, type RenewalMark } from "../../src/credentials/renewal_mark.ts";
import { lifeOf, planRenewal, type RenewalCause } from "../../src/credentials/renewal_plan.ts";
import { T0 } from "../support/builders.ts";
import { RenewalWorld } from "../support/renewal_world.ts";

const HOUR = 3_600_000;
// The key of RenewalWorld: given out an hour ago, for ten hours.
const DUE = T0 + 8.5 * HOUR;
const OVER = T0 + 9 * HOUR;

type Cause = RenewalCause["kind"];
type Row = readonly [
  what: string,
  mark: Partial<RenewalMark> | undefined,
  cause: Cause,
  nowMs: number,
  plan: string,
  isLocked?: boolean,
];

const ROWS: readonly Row[] = [
  ["not due", undefined, "due", T0, "not_due"],
  ["due", undefined, "due", DUE, "send"],
  ["asked for", undefined, "asked", T0, "send"],
  ["refused", undefined, "refused", T0, "send"],
  ["waiting after a failure", { state: "failed", notBeforeMs: DUE + 1 }, "due", DUE, "failed"],
  ["refused, waiting after a failure", { state: "failed", notBeforeMs: DUE + 1 }, "refused", DUE, "failed"],
  ["asked for, waiting after a failure", { state: "failed", notBeforeMs: DUE + 1 }, "asked", DUE, "send"],
  ["due again after a failure", { state: "failed", notBeforeMs: DUE }, "due", DUE, "send"],
  ["on its way in another program", { state: "sent" }, "due", DUE, "send", false],
  ["sent, no answer", { state: "sent" }, "due", DUE, "unknown"],
  ["sent, no answer, asked for", { state: "unknown" }, "asked", DUE, "unknown"],
  ["sent, no answer, expired", { state: "unknown" }, "due", OVER, "send last"],
  ["sent, no answer, refused", { state: "sent" }, "refused", T0, "send last"],
  ["renewed a moment ago", { renewedAtMs: DUE - 1000 }, "due", DUE, "not_due"],
  [
    "refused, renewed twice a moment ago",
    { renewedAtMs: DUE - 1000, renewedBeforeMs: DUE - 2000 },
    "refused",
    DUE,
    "not_due",
  ],
];

for (const [what, mark, kind, nowMs, expected, isLocked = true] of ROWS) {
  Deno.test(`planRenewal() of a key that is ${what}: ${expected}`, async () => {
    const facts = await readRenewalFacts(new RenewalWorld().deps());
    const [found] = facts.keys;
    const key = { ...found!, mark: mark && { ...newMark(found!.path, T0), ...mark } };
    const cause: RenewalCause = kind === "refused"
      ? { kind, accessHash: fingerprint(key.record.token) }
      : { kind };
    const plan = planRenewal(key, cause, { ...facts, keys: [key] }, { nowMs, isLocked });
    const text = plan.kind === "end"
      ? plan.outcome.kind
      : plan.kind === "send" && plan.isLastTry
      ? "send last"
      : plan.kind;
    assert.equal(text, expected);
  });
}

Deno.test("planRenewal() finds that the token that was refused has been replaced already", async () => {
  const facts = await readRenewalFacts(new RenewalWorld().deps());
  const [key] = facts.keys;
  const plan = planRenewal(key!, { kind: "refused", accessHash: "another" }, facts, {
    nowMs: T0,
    isLocked: true,
  });
  assert.ok(plan.kind === "end" && plan.outcome.kind === "adopted");
  assert.equal(lifeOf(key!).expiresAtMs, OVER);
});
