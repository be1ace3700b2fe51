import assert from "node:assert/strict";
import { type AttemptEnd, outcomeOf, type StreamEnding, unanswered } from "../../src/upstream/attempt_end.ts";
import { aRecord, LIMITED } from "../support/builders.ts";

const ENDINGS: readonly (readonly [StreamEnding, string])[] = [
  ["completed", "ok"],
  ["incomplete", "ok"],
  ["failed", "rate_limited"],
  ["client_gone", "client_gone"],
  ["client_stalled", "client_gone"],
  ["truncated", "origin_failed"],
  ["broken", "origin_failed"],
  ["idle_timeout", "origin_failed"],
];

for (const [ending, kind] of ENDINGS) {
  Deno.test(`an answer that ends as ${ending} is ${kind}`, () => {
    const outcome = outcomeOf(ending, () => LIMITED);
    assert.equal(outcome.kind, kind);
    if (outcome.kind === "origin_failed") assert.equal(outcome.code, `stream_${ending}`);
  });
}

Deno.test("unanswered() records why there is no answer", () => {
  const ends: AttemptEnd[] = [];
  const recorder = {
    key: aRecord("a"),
    noteWindows: () => {},
    noteCredits: () => {},
    noteAnswer: () => {},
    noteStreaming: () => {},
    noteTokens: () => {},
    conclude: (end: AttemptEnd) => (ends.push(end), end.outcome),
  };
  const failure = { isUnsent: false, isTimeout: true, isLost: false, reason: "no answer within 3s" };
  assert.equal(unanswered({ kind: "failed", failure }, { recorder }, 5).kind, "failed");
  assert.equal(unanswered({ kind: "client_disconnected" }, { recorder }, 5).kind, "client_disconnected");
  assert.deepEqual(ends.map(({ outcome, error }) => [outcome, error]), [
    [{ kind: "origin_failed", code: "timeout" }, "no answer within 3s"],
    [{ kind: "client_gone" }, undefined],
  ]);
});
