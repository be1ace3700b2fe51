import assert from "node:assert/strict";
import { replayNotes } from "../../../src/cli/doctor/replay_notes.ts";
import type { Recording } from "../../../src/replay/recording.ts";
import { T0 } from "../../support/builders.ts";
import { aPastAttempt, aPastRequest, aTransition, RULES } from "../../support/replays.ts";

const RECORDING: Recording = {
  requests: [aPastRequest(1, T0, { session: "s", attempts: [aPastAttempt()] })],
  transitions: [],
  keys: ["a.json", "b.json"],
  lines: { total: 5, other: 0, unreadable: 0 },
  resets: 0,
  ownLogins: 0,
};

/** The notes that this recording has over one without peculiarities. */
function further(over: Partial<Recording>, rules = RULES): readonly string[] {
  return replayNotes({ ...RECORDING, ...over }, rules).slice(replayNotes(RECORDING, RULES).length);
}

Deno.test("replayNotes() always says what stands for what is not known", () => {
  const notes = replayNotes(RECORDING, RULES);
  assert.equal(notes.length, 4);
  assert.match(notes[3]!, /^all 2 keys/);
});

const CASES: [what: string, over: Partial<Recording>, note: RegExp][] = [
  ["a burst", { transitions: [aTransition({ cause: "http_429" })] }, /^a burst lasts/],
  ["no session", { requests: [aPastRequest(1, T0, { attempts: [aPastAttempt()] })] }, /^no request names/],
  [
    "a request without an attempt",
    { requests: [...RECORDING.requests, aPastRequest(2, T0, { refusal: "no_usable_keys" })] },
    /^1 request refused without an attempt/,
  ],
  ["resets", { resets: 2 }, /^2 resets by hand/],
  ["own logins", { ownLogins: 3 }, /^3 attempts with a client's own login/],
  ["unreadable lines", { lines: { total: 9, other: 0, unreadable: 4 } }, /^4 of 9 lines/],
];

for (const [what, over, note] of CASES) {
  Deno.test(`replayNotes() has a note for ${what}`, () => {
    const notes = further(over);
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, note);
  });
}

Deno.test("replayNotes() says that a reserve changes nothing, since the log holds no windows", () => {
  assert.match(
    further({}, { ...RULES, minRemainingPercent: 10 })[0]!,
    /limit_min_remaining_percent changes nothing/,
  );
  assert.deepEqual(further({ transitions: [aTransition({ cause: "usage_limit_reached" })] }), []);
});
