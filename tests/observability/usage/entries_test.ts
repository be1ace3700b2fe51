import assert from "node:assert/strict";
import { attemptEntry, changeEntry } from "../../../src/observability/usage/entries.ts";
import { anAttempt, anEvent, EVENT_AT_MS } from "../../support/events.ts";

const ANSWERS: readonly (readonly [Parameters<typeof anAttempt>[0] & object, boolean])[] = [
  [{ outcome: "ok" }, true],
  [{ outcome: "client_error" }, true],
  [{ outcome: "client_gone" }, true],
  [{ outcome: "rate_limited" }, false],
  [{ outcome: "auth_rejected" }, false],
  [{ outcome: "overloaded" }, false],
];
for (const [over, isAnswer] of ANSWERS) {
  Deno.test(`an attempt that is ${over.outcome} ${isAnswer ? "counts" : "does not count"} as an answer`, () => {
    assert.equal(attemptEntry(anAttempt(over))?.isAnswer, isAnswer);
  });
}

Deno.test("an entry has what the event told, and undefined for the rest", () => {
  const entry = attemptEntry(anAttempt({ input_tokens: 7, waited_ms: 3, attempt: 2, session: "s" }));
  assert.deepEqual([entry?.atMs, entry?.input, entry?.cached, entry?.waitedMs, entry?.attempt], [
    EVENT_AT_MS,
    7,
    undefined,
    3,
    2,
  ]);
  assert.match(entry!.session, /^[\w-]{10}$/);
});

Deno.test("changes of a key's state are entries, other events are none", () => {
  assert.deepEqual(changeEntry(anEvent("auth.cooldown")), {
    atMs: EVENT_AT_MS,
    key: "work.json",
    state: "cooldown",
    cause: "http_429",
  });
  assert.equal(changeEntry(anEvent("auth.restored"))?.cause, "");
  assert.deepEqual([changeEntry(anAttempt()), attemptEntry(anEvent("auth.cooldown"))], [
    undefined,
    undefined,
  ]);
});
