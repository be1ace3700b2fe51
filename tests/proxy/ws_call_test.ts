import assert from "node:assert/strict";
import { KeyPool } from "../../src/auth/rotation.ts";
import { LiveRequests } from "../../src/observability/live_requests.ts";
import type { AttemptFields } from "../../src/api/trace.ts";
import { namesIn } from "../../src/proxy/request_names.ts";
import { planForward } from "../../src/proxy/rules.ts";
import { type CallEnd, WsCall } from "../../src/proxy/ws_call.ts";
import { readCall, readFailure } from "../../src/proxy/ws_frame.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { aRecord, POLICY } from "../support/builders.ts";
import { aQuestion } from "../support/client_request.ts";
import { FakeClock } from "../support/fake_clock.ts";

async function recorded(end: CallEnd, message = '{"type":"response.create","model":"m2"}') {
  const clock = new FakeClock();
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a")], clock.nowMs());
  const rows: AttemptFields[] = [];
  const publish = ({ fields }: { fields: unknown }) => void rows.push(fields as AttemptFields);
  const request = aQuestion("/v1/responses", {
    headers: new Headers({ "x-codex-routing-hint": "model=m1" }),
  });
  const rules = { authDir: "/auths", holdMs: 20_000, maxAttempts: 8, rotation: "session" } as const;
  const plan = planForward(request, new Upstream("https://upstream.example"), {
    rules,
    nowMs: clock.nowMs(),
    names: namesIn(request),
  });
  const call = new WsCall({ pool, live: new LiveRequests((row) => row), publish, clock }, {
    request,
    plan,
    holdMs: 5000,
    text: message,
    message: readCall(message),
  });
  call.begin({ record: aRecord("a"), startedMs: clock.nowMs(), picked: "turn" });
  await clock.advance(20);
  call.noteEvent(100, false);
  await clock.advance(30);
  call.noteEvent(11, true);
  call.conclude(end);
  return { row: rows[0]!, call, state: pool.describe(clock.nowMs())[0]!.health.state.kind, clock };
}

function failed(event: Record<string, unknown>): CallEnd {
  const text = JSON.stringify(event);
  return { kind: "failed", failure: readFailure(text), text };
}

Deno.test("a call is an attempt with its own model, times and bytes", async () => {
  const { row, call, clock } = await recorded({ kind: "completed" });
  const { status, outcome, transport, model, ttfb_ms, latency_ms, streamed_bytes, stream_end, attempt } = row;
  assert.deepEqual(
    { status, outcome, transport, model, ttfb_ms, latency_ms, streamed_bytes, stream_end, attempt },
    {
      status: 200,
      outcome: "ok",
      transport: "ws",
      model: "m2",
      ttfb_ms: 20,
      latency_ms: 50,
      streamed_bytes: 111,
      stream_end: "completed",
      attempt: 1,
    },
  );
  assert.equal(call.text, "");
  assert.equal(call.contextAt(clock.nowMs()).holdUntilMs, clock.nowMs() + 5000);
});

const ENDS: readonly (readonly [what: string, end: CallEnd, row: string, state: string])[] = [
  ["is incomplete", { kind: "incomplete" }, "200 ok incomplete", "ok"],
  ["breaks", { kind: "broken" }, "null origin_failed broken stream_broken", "ok"],
  ["loses its client", { kind: "client_gone" }, "null client_gone client_gone", "ok"],
  ["is cut by us", { kind: "closed" }, "null client_gone client_gone closed_by_cdx2", "ok"],
  [
    "meets a quota",
    failed({ type: "error", status: 429, error: { type: "usage_limit_reached" } }),
    "429 rate_limited failed usage_limit_reached",
    "cooldown",
  ],
  [
    "meets a quota that only status_code tells",
    failed({ type: "error", status_code: 429, error: { code: "usage_limit_reached" } }),
    "429 rate_limited failed usage_limit_reached",
    "cooldown",
  ],
  [
    "meets a quota without a status",
    failed({ type: "error", code: "usage_limit_reached" }),
    "null rate_limited failed usage_limit_reached",
    "cooldown",
  ],
  [
    "meets a quota in a wrapper",
    failed({ type: "error", body: { error: { type: "usage_limit_reached" } } }),
    "null rate_limited failed usage_limit_reached",
    "cooldown",
  ],
  [
    "fails with a quota",
    failed({ type: "response.failed", response: { error: { code: "insufficient_quota" } } }),
    "null rate_limited failed insufficient_quota",
    "cooldown",
  ],
  [
    "loses its token",
    failed({ type: "error", status: 401, error: { code: "token_revoked" } }),
    "401 auth_rejected failed token_revoked",
    "blacklist",
  ],
  [
    "is not valid",
    failed({ type: "error", status: 400, error: { code: "invalid_value" } }),
    "400 client_error failed invalid_value",
    "ok",
  ],
  [
    "goes on from an unknown response",
    failed({ type: "error", status: 400, error: { code: "previous_response_not_found" } }),
    "400 client_error failed previous_response_not_found",
    "ok",
  ],
  [
    "comes after the hour of its connection",
    failed({ type: "error", status: 400, error: { code: "websocket_connection_limit_reached" } }),
    "400 client_error failed websocket_connection_limit_reached",
    "ok",
  ],
  [
    "meets an outage",
    failed({ type: "error", status: 500, error: { code: "server_error" } }),
    "500 origin_failed failed http_500",
    "ok",
  ],
];

for (const [what, end, expected, state] of ENDS) {
  Deno.test(`a call that ${what} is recorded as ${expected}`, async () => {
    const { row, state: became } = await recorded(end);
    const { status, outcome, stream_end, error } = row;
    assert.equal(
      [status, outcome, stream_end, error].filter((part) => part !== undefined).map(String).join(" "),
      expected,
    );
    assert.equal(became, state);
  });
}

Deno.test("a prewarm is marked, a call of the user is not", async () => {
  const prewarm = await recorded(
    { kind: "completed" },
    '{"type":"response.create","generate":false,"input":[]}',
  );
  assert.deepEqual([prewarm.row.prewarm, prewarm.row.model], [true, "m1"]);
  assert.equal((await recorded({ kind: "completed" })).row.prewarm, undefined);
});
