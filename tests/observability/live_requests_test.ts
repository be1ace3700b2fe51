import assert from "node:assert/strict";
import type { RunningRow } from "../../src/api/trace.ts";
import { LiveRequests } from "../../src/observability/live_requests.ts";
import { anAttempt, anEvent } from "../support/events.ts";

function aRow(over: Partial<RunningRow> = {}): RunningRow {
  return {
    request_id: "req_1",
    attempt: 1,
    state: "sent",
    began_at: "2027-01-15T08:00:00.000Z",
    method: "POST",
    path: "/responses",
    route: "request",
    model: null,
    session: null,
    auth_file: "work.json",
    auth_email: null,
    client_ip: "127.0.0.1",
    ...over,
  };
}

Deno.test("LiveRequests holds what has begun and not ended, in the order in which it began", () => {
  const live = new LiveRequests((row) => row);
  const [first, second] = [live.begin(() => aRow()), live.begin(() => aRow({ request_id: "req_2" }))];
  first.change({ state: "streaming" });
  assert.deepEqual(live.running.map(({ request_id, state }) => [request_id, state]), [
    ["req_1", "streaming"],
    ["req_2", "sent"],
  ]);
  first.end();
  first.change({ state: "sent" });
  assert.deepEqual(live.running.map(({ request_id }) => request_id), ["req_2"]);
  second.end();
  assert.deepEqual(live.running, []);
});

Deno.test("LiveRequests shows nothing that has to be hidden", () => {
  const live = new LiveRequests((row) => ({ ...row, path: "[REDACTED]" }));
  live.begin(() => aRow({ path: "/secret" }));
  assert.equal(live.running[0]!.path, "[REDACTED]");
});

Deno.test("LiveRequests keeps the newest refusals, and no other events", () => {
  const live = new LiveRequests((row) => row);
  live.add(anAttempt());
  live.add(anEvent("auth.cooldown"));
  assert.equal(live.version, 0);
  for (let n = 1; n <= 21; n++) {
    live.add(anEvent("auth.pool_exhausted", { message: "no key", fields: { request_id: `req_${n}` } }));
  }
  assert.deepEqual([live.refused.length, live.refused[0]!.request_id], [20, "req_2"]);
  const { type, status, message } = live.refused[0]!;
  assert.deepEqual([type, status, message], ["no_usable_keys", 503, "no key"]);
});

Deno.test("untilChanged() waits for a change of the version that the client knows", async () => {
  const live = new LiveRequests((row) => row);
  const never = new AbortController().signal;
  await live.untilChanged(7, never);
  let isWoken = false;
  const waiting = live.untilChanged(0, never).then(() => isWoken = true);
  await Promise.resolve();
  assert.equal(isWoken, false);
  live.begin(() => aRow());
  await waiting;
  const leaving = new AbortController();
  const left = live.untilChanged(live.version, leaving.signal);
  leaving.abort();
  await left;
});
