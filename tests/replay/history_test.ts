import assert from "node:assert/strict";
import { type PastRequest, tallyOf } from "../../src/replay/history.ts";
import { T0 } from "../support/builders.ts";
import { aPastAttempt, aPastRequest, aTransition } from "../support/replays.ts";

/** A request that was answered with the last of these keys. */
function served(number: number, session: string, ...keys: readonly string[]): PastRequest {
  const attempts = keys.map((key) => aPastAttempt({ file: `${key}.json` }));
  return aPastRequest(number, T0 + number, { session, attempts });
}

Deno.test("tallyOf() counts requests, attempts, refusals, picks and the changes of keys", () => {
  const limited = aPastAttempt({ outcome: "rate_limited" });
  const requests = [
    aPastRequest(1, T0, { attempts: [limited, aPastAttempt({ file: "b.json" })] }),
    aPastRequest(2, T0 + 1, { refusal: "usage_limit_reached" }),
  ];
  const transitions = (["auth.cooldown", "auth.blacklisted", "auth.restored"] as const)
    .map((event) => aTransition({ event }));
  assert.deepEqual(tallyOf({ requests, transitions }), {
    requests: 2,
    served: 1,
    refused: { usage_limit_reached: 1 },
    attempts: 2,
    outcomes: { ok: 1, rate_limited: 1 },
    picks: { "a.json": 1, "b.json": 1 },
    sessions: 0,
    keyChanges: 0,
    cooldowns: 1,
    ejections: 1,
  });
});

Deno.test("tallyOf() counts a key change when a session is served by another key than before", () => {
  const changes = (...requests: readonly PastRequest[]) => tallyOf({ requests, transitions: [] }).keyChanges;
  assert.equal(changes(served(1, "s", "a"), served(2, "s", "a")), 0);
  assert.equal(changes(served(1, "s", "a"), served(2, "t", "b")), 0);
  assert.equal(changes(served(1, "s", "a"), served(2, "s", "a", "b"), served(3, "s", "b")), 1);
  assert.equal(changes(served(1, "s", "a", "b"), served(2, "s", "b")), 0);
  assert.equal(
    changes(served(1, "s", "a"), { ...served(2, "s", "b"), refusal: "x" }, served(3, "s", "a")),
    0,
  );
});
