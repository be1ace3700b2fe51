import assert from "node:assert/strict";
import {
  availableAtMs,
  type Candidate,
  earliestAtMs,
  hasRoom,
  spendsCredits,
} from "../../src/auth/availability.ts";
import {
  aCandidate as key,
  aHealth,
  aReading,
  POLICY,
  SECOND,
  someCredits,
  T0,
} from "../support/builders.ts";

const BURST = aHealth({
  state: { kind: "cooldown", untilMs: T0 + 20 * SECOND, cause: "http_429" },
  strikes: 1,
  lastStrikeMs: T0,
});
const EJECTED = aHealth({
  state: { kind: "blacklist", untilMs: T0 + 900 * SECOND, cause: "http_401" },
  nextTrialMs: T0 + 900 * SECOND,
});
const FULL = { windows: [aReading({ usedPercent: 100, resetAtMs: T0 + SECOND })] };
const WITH_CREDITS = { credits: { credits: someCredits(), refused: undefined } };
const REFUSED_CREDITS = { credits: { credits: someCredits(), refused: someCredits() } };

Deno.test("earliestAtMs() of a key in a burst's cooldown is five seconds after its strike", () => {
  const struck = key("a", { health: BURST });
  assert.equal(earliestAtMs(struck, undefined, POLICY, T0), T0 + 5 * SECOND);
  assert.equal(earliestAtMs(key("b", { health: EJECTED }), undefined, POLICY, T0), T0 + 900 * SECOND);
});

Deno.test("availableAtMs() counts a model's own limit for that model only", () => {
  const limited = key("a", {
    health: aHealth({ modelLimits: [{ model: "spark", untilMs: T0 + 7, cause: "usage_limit_reached" }] }),
  });
  assert.equal(availableAtMs(limited, "spark", POLICY, T0), T0 + 7);
  assert.equal(availableAtMs(limited, "other", POLICY, T0), 0);
});

/** `[what, key, whether it can be expected to serve, whether on credits]` */
const ROOM: [string, Candidate, boolean, boolean][] = [
  ["quota", key("a"), true, false],
  ["quota and credits", key("a", WITH_CREDITS), true, false],
  ["a full window and credits", key("a", { ...FULL, ...WITH_CREDITS }), true, true],
  ["a full window and credits that were refused", key("a", { ...FULL, ...REFUSED_CREDITS }), false, false],
  ["a full window", key("a", FULL), false, false],
];

for (const [what, candidate, isRoomy, isPaid] of ROOM) {
  Deno.test(`hasRoom() with ${what} is ${isRoomy}, ${isPaid ? "" : "not "}on credits`, () => {
    assert.equal(hasRoom(candidate, POLICY, T0), isRoomy);
    assert.equal(spendsCredits(candidate, POLICY, T0), isPaid);
  });
}
