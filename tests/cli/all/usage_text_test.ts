import assert from "node:assert/strict";
import { renderPlain } from "../../../src/cli/all/usage_text.ts";
import { type AskedKey, dashboardView } from "../../../src/cli/all/dashboard.ts";
import type { Thresholds } from "../../../src/cli/all/page.ts";
import type { WindowEntry } from "../../../src/observability/usage/entries.ts";
import type { Credits } from "../../../src/auth/credits.ts";
import { aRecord, someCredits, T0 } from "../../support/builders.ts";
import { anAskedKey, noAnswer, withRenewal } from "../../support/asked_keys.ts";

const DAY = 86_400_000;

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

/** `[what, use of the 5-hour window, allowed, credits, the line about credits]` */
const CREDITS: [string, number, boolean, Partial<Credits>, string | undefined][] = [
  ["a full window", 100, false, {}, "Credits: 12.50 left, in use"],
  ["a full window and no end of credits", 100, false, { isUnlimited: true }, "Credits: unlimited, in use"],
  ["a full window and no balance", 100, false, { balance: undefined }, "Credits: some left, in use"],
  ["room", 40, true, {}, "Credits: 12.50 left"],
  ["no credits left", 100, false, { balance: "0" }, undefined],
];

for (const [what, used, allowed, over, line] of CREDITS) {
  Deno.test(`renderPlain() of an account with ${what} says ${line ?? "nothing about credits"}`, () => {
    const text = words([
      anAskedKey("work", { used: [used, 0], usage: { allowed, credits: someCredits(over) } }),
    ]);
    assert.equal(/^ {2}(Credits: .*)$/m.exec(text)?.[1], line);
    assert.doesNotMatch(text, /Limit:/);
  });
}

Deno.test("renderPlain() says that a key is disabled or expired", () => {
  const off = noAnswer("off", "disabled");
  const text = words([
    { ...off, record: { ...off.record, isDisabled: true } },
    { ...anAskedKey("old"), record: aRecord("old", { expiresAtMs: T0 - 1 }) },
  ]);
  assert.match(text, /^off\.json: UNKNOWN, disabled\n {2}Email: off@example\.com\n?$/m);
  assert.match(text, /^old\.json: WARN, expired, current$/m);
});

Deno.test("renderPlain() says when a token ends and who renews it, and what to type for a dead login", () => {
  const refused = "the issuer has refused its refresh token";
  const fix = "cdx2 auth login --replace dead";
  const text = words([
    withRenewal(anAskedKey("mine"), T0 + 9 * DAY),
    withRenewal({ ...anAskedKey("lent"), isBorrowed: true }, T0 + 2 * DAY, { by: "codex" }),
    withRenewal(anAskedKey("dead"), T0 + DAY, { by: undefined, reason: refused, warning: refused, fix }),
  ]);
  const linesOf = (name: string) => new RegExp(`^${name}\\.json.*\\n((?:  .*\\n)*)`, "m").exec(text)![1]!;
  assert.match(linesOf("mine"), /^ {2}Token: expires in 9d, renewed by cdx2$/m);
  assert.doesNotMatch(linesOf("mine"), /Warning|Fix/);
  assert.match(linesOf("lent"), /^ {2}Token: expires in 2d, renewed by Codex$/m);
  assert.doesNotMatch(linesOf("lent"), /borrowed/);
  assert.match(
    linesOf("dead"),
    /Token: expires in 1d, not renewed: the issuer has refused its refresh token$/m,
  );
  assert.match(linesOf("dead"), /^ {2}Warning: the issuer.*\n {2}Fix: cdx2 auth login --replace dead$/m);
});

Deno.test("renderPlain() shows only the selected window", () => {
  assert.doesNotMatch(words([anAskedKey("work")], "5h"), /Weekly/);
  assert.doesNotMatch(words([anAskedKey("work")], "weekly"), /5h/);
});

Deno.test("renderPlain() uses no character that a screen reader would have to spell", () => {
  assert.match(words([anAskedKey("work"), noAnswer("lost", "no answer within 8s")]), /^[\n\x20-\x7e]*$/);
});

Deno.test("the first line says when the pool runs out, once a history says how fast it is used", () => {
  const key = anAskedKey("a", { used: [80, 10], resets: [7200, 90_000] });
  const reading = {
    atMs: T0 - 3_600_000,
    key: "a.json",
    windowSeconds: 18_000,
    usedPercent: 60,
    resetAtMs: undefined,
  };
  const first = (readings: readonly WindowEntry[]) => {
    const thresholds = { warn_at: 70, cooldown_at: 90, only: "both" } as const;
    return renderPlain(dashboardView([key], { thresholds, readings, nowMs: T0 })).split("\n")[0];
  };
  assert.equal(first([]), "Global left: 55%");
  assert.equal(first([reading]), "Global left: 55%, runs out in 1h");
});
