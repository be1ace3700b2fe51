// The parts of judging that a client cannot tell apart; what it can is told in forward_test.ts.

import assert from "node:assert/strict";
import { KeyPool } from "../../src/auth/rotation.ts";
import type { AttemptNote } from "../../src/proxy/attempt_record.ts";
import { judge, letGo } from "../../src/proxy/judge.ts";
import { aRecord, POLICY } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, eventStream } from "../support/fake_send.ts";

function aJudge() {
  const clock = new FakeClock();
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a")], clock.nowMs());
  const ports = { pool, clock, publish: () => {}, idleTimeoutMs: 300_000 };
  const note: AttemptNote = {
    requestId: "req_1",
    method: "POST",
    path: "/v1/responses",
    route: "request",
    clientIp: "127.0.0.1",
    session: undefined,
    model: undefined,
    number: 1,
    startedMs: 0,
    lease: { record: aRecord("a"), startedMs: clock.nowMs() },
  };
  const judged = (response: Response, bodyText?: string) => {
    const attempted = {
      kind: "answered" as const,
      response,
      ...(bodyText === undefined ? {} : { bodyText }),
    };
    return judge(ports, note, attempted, new AbortController().signal);
  };
  return { ports, note, judged, pool, clock };
}

Deno.test("judge() records an answer without a stream at once, a stream at its end", async () => {
  const { judged } = aJudge();
  assert.equal((await judged(answer(200)())).answered?.isRecorded, true);
  const stream = eventStream(["event: response.output_text.delta\ndata: {}\n\n"]);
  assert.equal((await judged(stream())).answered?.isRecorded, false);
});

Deno.test("judge() looks into no stream of another route or of an error", async () => {
  const { ports, note } = aJudge();
  const { signal } = new AbortController();
  for (const [route, status] of [["other", 200], ["request", 500]] as const) {
    const response = new Response("event: x\n\n", {
      status,
      headers: { "content-type": "text/event-stream" },
    });
    const { answered } = await judge(ports, { ...note, route }, { kind: "answered", response }, signal);
    assert.equal(answered?.stream, undefined);
  }
});

Deno.test("judge() takes over the windows that a stream tells of", async () => {
  const { judged, pool, clock } = aJudge();
  const limits = '{"rate_limits":{"primary":{"used_percent":33,"window_minutes":300}}}';
  const events = [`event: codex.rate_limits\ndata: ${limits}\n\n`, "event: response.output_text.delta\n\n"];
  await judged(eventStream(events)());
  assert.equal(pool.describe(clock.nowMs())[0]!.windows[0]?.usedPercent, 33);
});

Deno.test("letGo() cancels the body of an answer that no client gets", async () => {
  const { judged } = aJudge();
  let cancelled = 0;
  const endless = (type: string) => {
    const body = new ReadableStream({
      start: (c) => c.enqueue(new TextEncoder().encode("event: response.output_text.delta\n\n")),
      cancel: () => void cancelled++,
    });
    return new Response(body, { headers: { "content-type": type } });
  };
  for (const type of ["text/event-stream", "application/json"]) letGo((await judged(endless(type))).answered);
  assert.equal(cancelled, 2);
  letGo(undefined);
});
