import assert from "node:assert/strict";
import { nameHash } from "../../src/auth/name_hash.ts";
import type { Outcome } from "../../src/auth/outcome.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { LiveRequests } from "../../src/observability/live_requests.ts";
import { type AttemptIdentity, AttemptRecord } from "../../src/proxy/attempt_record.ts";
import type { AttemptEnd } from "../../src/upstream/attempt_end.ts";
import { aRecord, OK, POLICY, REJECTED, someCredits } from "../support/builders.ts";
import { aQuestion } from "../support/client_request.ts";
import { FakeClock } from "../support/fake_clock.ts";

const SESSION = "01a20350-83c7-7972-8339-2781433e3700";

function anEnd(over: Partial<AttemptEnd> = {}): AttemptEnd {
  return {
    outcome: OK,
    status: 200,
    headMs: undefined,
    ending: undefined,
    streamedBytes: undefined,
    error: undefined,
    ...over,
  };
}

function aRecorder() {
  const clock = new FakeClock();
  const told: unknown[] = [];
  const pool = new KeyPool(POLICY, ({ to }) => told.push(to.state.kind));
  pool.merge([aRecord("a")], clock.nowMs());
  const live = new LiveRequests((row) => row);
  const levels: string[] = [];
  const publish = (event: { fields: unknown; level: string }) => {
    levels.push(event.level);
    told.push(event.fields);
  };
  const books = { pool, clock, live, publish };
  const record = (over: Partial<AttemptIdentity> = {}) =>
    new AttemptRecord(books, {
      request: aQuestion("/v1/responses", { method: "POST" }),
      plan: { route: "request", session: SESSION, model: "m" },
      number: 2,
      transport: "http",
      lease: { record: aRecord("a"), startedMs: clock.nowMs(), picked: "turn" },
      ...over,
    });
  return { clock, record, told, levels, pool, live };
}

Deno.test("conclude() writes a row with all that is known", async () => {
  const { clock, record, told } = aRecorder();
  const attempt = record();
  const startedMs = clock.elapsedMs();
  await clock.advance(812.34);
  attempt.conclude(anEnd({ headMs: startedMs + 100.04, streamedBytes: 7 }));
  assert.deepEqual(told, [{
    request_id: "req_1",
    attempt: 2,
    method: "POST",
    path: "/v1/responses",
    route: "request",
    status: 200,
    latency_ms: 812.3,
    ttfb_ms: 100,
    waited_ms: 0,
    auth_file: "a.json",
    auth_email: "a@example.com",
    picked: "turn",
    client_ip: "127.0.0.1",
    outcome: "ok",
    session: "01a20350-83c7",
    model: "m",
    transport: "http",
    streamed_bytes: 7,
  }]);
});

Deno.test("conclude() tells that a client has stalled, and of no other end", () => {
  const { record } = aRecorder();
  const endings = ["completed", "client_gone", "idle_timeout", "client_stalled"] as const;
  const told = endings.filter((ending) => {
    let isTold = false;
    const onStalled = () => isTold = true;
    const request = { ...aQuestion("/v1/responses", { method: "POST" }), onStalled };
    record({ request }).conclude(anEnd({ ending }));
    return isTold;
  });
  assert.deepEqual(told, ["client_stalled"]);
});

Deno.test("conclude() tells the cause before its effect", () => {
  const { record, told } = aRecorder();
  record().conclude(anEnd({ outcome: REJECTED, status: 401 }));
  assert.equal((told[0] as { error: string }).error, "http_401");
  assert.equal(told[1], "blacklist");
});

Deno.test("conclude() returns the outcome in the light of the whole pool", () => {
  const { record, pool, clock } = aRecorder();
  pool.merge([aRecord("a"), aRecord("b")], clock.nowMs());
  const forbidden: Outcome = { kind: "auth_rejected", code: "http_403" };
  const conclude = (name: string) =>
    record({ lease: { record: aRecord(name), startedMs: clock.nowMs(), picked: "turn" } })
      .conclude(anEnd({ outcome: forbidden, status: 403 }));
  assert.deepEqual([conclude("a").kind, conclude("b").kind], ["auth_rejected", "origin_failed"]);
});

Deno.test("conclude() blames no key for what met the client's own login", () => {
  const { record, pool, clock } = aRecorder();
  record({ lease: undefined }).conclude(anEnd({ outcome: REJECTED, status: 401 }));
  assert.equal(pool.describe(clock.nowMs())[0]!.health.state.kind, "ok");
});

Deno.test("noteWindows() gives the pool what the upstream says of the key, and of no other", () => {
  const { record, pool, clock } = aRecorder();
  const reading = {
    limit: "codex",
    windowSeconds: 18_000,
    usedPercent: 33,
    resetAtMs: undefined,
    source: "headers",
    atMs: clock.nowMs(),
  } as const;
  record({ lease: undefined }).noteWindows([reading]);
  assert.deepEqual(pool.describe(clock.nowMs())[0]!.windows, []);
  record().noteWindows([reading]);
  assert.deepEqual(pool.describe(clock.nowMs())[0]!.windows, [reading]);
});

Deno.test("noteCredits() gives the pool the credits of the key, and of no other", () => {
  const { record, pool, clock } = aRecorder();
  const known = () => pool.describe(clock.nowMs())[0]!.credits.credits;
  record({ lease: undefined }).noteCredits(someCredits());
  assert.equal(known(), undefined);
  record().noteCredits(someCredits());
  record().noteCredits(undefined);
  assert.deepEqual(known(), someCredits());
});

Deno.test("noteAnswer() remembers once what the answer gave out, with the key of the attempt", () => {
  const { record, pool, clock } = aRecorder();
  const attempt = record();
  const owner = (id: string) => pool.ownerOf([nameHash("id", id)], clock.nowMs());
  attempt.noteAnswer({ data: [{ id: "file-1" }] });
  pool.affinity.remember([nameHash("id", "file-1")], "other.json", clock.nowMs());
  attempt.noteAnswer({ data: [{ id: "file-1" }, { id: "file-2" }] });
  assert.deepEqual([owner("file-2"), owner("file-1")], ["a.json", undefined], "the later owner counts");
});

Deno.test("noteAnswer() learns nothing of an answer to the client's own login", () => {
  const { record, pool, clock } = aRecorder();
  record({ lease: undefined }).noteAnswer({ id: "file-1" });
  assert.deepEqual(pool.affinity.saved(clock.nowMs()).ids, []);
});

Deno.test("an attempt is shown from its beginning to its verdict, with what is known of it", async () => {
  const { clock, record, live, told } = aRecorder();
  const attempt = record();
  const began = { state: "sent", began_at: new Date(clock.nowMs()).toISOString(), attempt: 2, model: "m" };
  await clock.advance(5_000);
  const [row] = live.running;
  assert.deepEqual({ ...row, ...began }, row);
  assert.deepEqual([row?.auth_file, row?.session], ["a.json", "01a20350-83c7"]);
  attempt.noteStreaming();
  attempt.noteTokens({ input: 900, cached: undefined, output: 12 });
  attempt.noteTokens({ input: 900, cached: 800, output: 40 });
  assert.deepEqual({ ...live.running[0], state: "streaming", output_tokens: 40 }, live.running[0]);
  attempt.conclude(anEnd());
  assert.deepEqual(live.running, []);
  const { input_tokens, cached_tokens, output_tokens, first_token_ms } = told[0] as Record<string, number>;
  assert.deepEqual([input_tokens, cached_tokens, output_tokens, first_token_ms], [900, 800, 40, 5_000]);
});

Deno.test("an attempt that a bug ended is no longer shown", () => {
  const { record, live } = aRecorder();
  record().abandon();
  assert.deepEqual(live.running, []);
});

const LEVELS = [
  ["request", { kind: "client_error", code: "http_404" }, "warning"],
  ["other", { kind: "client_error", code: "http_404" }, "info"],
  ["other", { kind: "client_gone" }, "info"],
  ["other", { kind: "origin_failed", code: "http_500" }, "warning"],
  ["other", REJECTED, "warning"],
] as const;

for (const [route, outcome, level] of LEVELS) {
  Deno.test(`the log reports ${outcome.kind} of the route ${route} as ${level}`, () => {
    const { record, levels } = aRecorder();
    record({ plan: { route, session: undefined, model: undefined } }).conclude(
      anEnd({ outcome, status: 404 }),
    );
    assert.equal(levels[0], level);
  });
}

Deno.test("an attempt says how long its request had waited when it began", async () => {
  const { clock, record, told } = aRecorder();
  await clock.advance(250);
  record().conclude(anEnd());
  assert.equal((told[0] as { waited_ms: number }).waited_ms, 250);
});
