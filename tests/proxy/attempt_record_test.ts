import assert from "node:assert/strict";
import type { Outcome } from "../../src/auth/outcome.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { type AttemptNote, recordAttempt } from "../../src/proxy/attempt_record.ts";
import { aRecord, OK, POLICY, REJECTED } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";

function aRecorder() {
  const clock = new FakeClock();
  const told: unknown[] = [];
  const pool = new KeyPool(POLICY, ({ to }) => told.push(to.state.kind));
  pool.merge([aRecord("a")], clock.nowMs());
  const ports = { pool, clock, publish: (event: { fields: unknown }) => void told.push(event.fields) };
  const note: AttemptNote = {
    requestId: "req_1",
    method: "POST",
    path: "/v1/responses",
    route: "request",
    clientIp: "127.0.0.1",
    session: "01a20350-83c7-7972-8339-2781433e3700",
    model: "m",
    number: 2,
    startedMs: clock.elapsedMs(),
    lease: { record: aRecord("a"), startedMs: clock.nowMs() },
  };
  return { clock, ports, note, told, pool };
}

Deno.test("recordAttempt() writes a row with all that is known", async () => {
  const { clock, ports, note, told } = aRecorder();
  await clock.advance(812.34);
  recordAttempt(ports, note, { outcome: OK, status: 200, headMs: note.startedMs + 100.04, streamedBytes: 7 });
  assert.deepEqual(told, [{
    request_id: "req_1",
    attempt: 2,
    method: "POST",
    path: "/v1/responses",
    route: "request",
    status: 200,
    latency_ms: 812.3,
    ttfb_ms: 100,
    auth_file: "a.json",
    auth_email: "a@example.com",
    client_ip: "127.0.0.1",
    outcome: "ok",
    session: "01a20350-83c7",
    model: "m",
    streamed_bytes: 7,
  }]);
});

Deno.test("recordAttempt() tells the cause before its effect", () => {
  const { ports, note, told } = aRecorder();
  recordAttempt(ports, note, { outcome: REJECTED, status: 401 });
  assert.equal((told[0] as { error: string }).error, "http_401");
  assert.equal(told[1], "blacklist");
});

Deno.test("recordAttempt() returns what the outcome comes to for the whole pool", () => {
  const { ports, note, pool, clock } = aRecorder();
  pool.merge([aRecord("a"), aRecord("b")], clock.nowMs());
  const forbidden: Outcome = { kind: "auth_rejected", code: "http_403" };
  const record = (name: string) =>
    recordAttempt(ports, { ...note, lease: { record: aRecord(name), startedMs: clock.nowMs() } }, {
      outcome: forbidden,
      status: 403,
    });
  assert.deepEqual([record("a").kind, record("b").kind], ["auth_rejected", "origin_failed"]);
});

Deno.test("recordAttempt() blames no key for what met the client's own login", () => {
  const { ports, note, pool, clock } = aRecorder();
  const { lease: _, ...withoutKey } = note;
  recordAttempt(ports, withoutKey, { outcome: REJECTED, status: 401 });
  assert.equal(pool.describe(clock.nowMs())[0]!.health.state.kind, "ok");
});
