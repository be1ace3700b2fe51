import assert from "node:assert/strict";
import * as z from "zod/mini";
import { trace } from "../../src/api/trace.ts";
import { TraceStore } from "../../src/observability/trace_store.ts";
import { anAttempt } from "../support/events.ts";

const STARTED = "2027-01-15T08:00:00.000Z";

Deno.test("GET /trace is declared as the trace store fills it", () => {
  const store = new TraceStore(5);
  store.add(anAttempt());
  store.add(
    anAttempt({ stream_end: "truncated", streamed_bytes: 12, error: "no final event", status: null }),
  );
  const page = { events: store.newest(5), started_at: STARTED };
  assert.deepEqual(z.parse(trace, page), page);
});

Deno.test("GET /trace is declared without fields that nobody knows", () => {
  const store = new TraceStore(5);
  store.add(anAttempt());
  const [row] = store.newest(1);
  assert.ok(!z.safeParse(trace, { events: [{ ...row, token: "secret" }], started_at: STARTED }).success);
});
