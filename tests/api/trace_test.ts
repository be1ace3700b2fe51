import assert from "node:assert/strict";
import { trace } from "../../src/api/trace.ts";
import { anAttempt } from "../support/events.ts";
import { aManagedProxy } from "../support/managed_proxy.ts";
import { assertIs, readAs } from "../support/pages.ts";

Deno.test("GET /trace answers what is declared, and nothing else", async () => {
  const { ask, trace: store } = aManagedProxy();
  store.add(anAttempt());
  store.add(
    anAttempt({ stream_end: "truncated", streamed_bytes: 12, error: "no final event", status: null }),
  );
  const { body } = await ask("GET /trace");
  assert.equal(body.events.length, 2);
  assertIs(trace, body);
});

Deno.test("a row of another version of /trace reads with the outcome that it names", () => {
  const page = {
    events: [{ id: 3, outcome: "postponed", weight: 7 }],
    started_at: "2027-01-15T08:00:00.000Z",
  };
  const [row] = readAs(trace, page).events;
  assert.deepEqual({ ...row, ...page.events[0] }, row);
  assert.deepEqual([row!.path, row!.latency_ms, row!.status, row!.error], ["", 0, null, undefined]);
});
