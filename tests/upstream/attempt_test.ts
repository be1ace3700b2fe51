import assert from "node:assert/strict";
import { discard } from "../../src/upstream/attempt.ts";
import type { Attempt } from "../../src/upstream/attempt_end.ts";
import { aRecord } from "../support/builders.ts";
import { answer, eventStream } from "../support/fake_send.ts";
import { anAttempt, textOf } from "../support/made_attempt.ts";

Deno.test("makeAttempt() hands on an answer and leaves no timer", async () => {
  const { clock, result, ends } = anAttempt(answer(200, { a: 1 }));
  const attempt = await result;
  assert.deepEqual([attempt.kind, attempt.key?.file, attempt.outcome.kind], ["answered", "a.json", "ok"]);
  assert.equal(await textOf(attempt), '{"a":1}');
  assert.equal(clock.pendingTimers, 0);
  assert.equal(ends.length, 1);
});

/** A refusal of this size that names its code at its beginning. */
function refusal(status: number, bytes: number): () => Response {
  const start = '{"error":{"code":"token_revoked"},"pad":"';
  return () => new Response(`${start}${"x".repeat(bytes - start.length - 2)}"}`, { status });
}

for (const status of [401, 403, 429]) {
  Deno.test(`makeAttempt() judges a ${status} by 64 KiB of its body and keeps it whole for the client`, async () => {
    for (const bytes of [65_536, 65_537]) {
      const attempt = await anAttempt(refusal(status, bytes)).result;
      assert.equal("code" in attempt.outcome && attempt.outcome.code, "token_revoked");
      assert.equal((await textOf(attempt)).length, bytes);
    }
    const long = await anAttempt(refusal(status, 200_000)).result;
    assert.equal((await textOf(long)).length, 200_000);
  });
}

Deno.test("makeAttempt() judges a refusal by what came when its body hangs", async () => {
  const { clock, result } = anAttempt(() => {
    const body = new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode("part")) });
    return new Response(body, { status: 401 });
  }, { asksModel: true });
  await clock.advance(6000);
  const attempt = await result;
  assert.deepEqual([attempt.kind, attempt.outcome], ["answered", {
    kind: "auth_rejected",
    code: "http_401",
  }]);
});

Deno.test("makeAttempt() tells a connection that failed from one that broke", async () => {
  for (const [reply, isUnsent] of [["not_sent", true], ["interrupted", false]] as const) {
    const { clock, result, ends } = anAttempt(reply);
    assert.deepEqual(await result, {
      kind: "failed",
      key: aRecord("a"),
      outcome: { kind: "origin_failed", code: "no_answer" },
      atMs: clock.nowMs(),
      failure: { isUnsent, isTimeout: false, isLost: false, reason: "connection refused" },
    });
    assert.deepEqual(ends.map(({ status, headMs, error }) => [status, headMs, error]), [
      [null, undefined, "connection refused"],
    ]);
  }
});

async function failureOf(result: Promise<Attempt>) {
  const attempt = await result;
  assert.ok(attempt.kind === "failed");
  return [attempt.outcome, attempt.failure];
}

Deno.test("makeAttempt() gives up when no answer comes", async () => {
  const { clock, result } = anAttempt("hang");
  await clock.advance(300_000);
  assert.deepEqual(await failureOf(result), [
    { kind: "origin_failed", code: "timeout" },
    { isUnsent: false, isTimeout: true, isLost: false, reason: "no answer within 5m" },
  ]);
});

Deno.test("makeAttempt() gives up early when the upstream cannot be connected to", async () => {
  const asked: number[] = [];
  const canConnect = (timeoutMs: number) => Promise.resolve(asked.push(timeoutMs) === 0);
  const { clock, result } = anAttempt("hang", { canConnect });
  await clock.advance(5000);
  assert.deepEqual(await failureOf(result), [
    { kind: "origin_failed", code: "timeout" },
    { isUnsent: true, isTimeout: true, isLost: false, reason: "no connection within 10s" },
  ]);
  assert.deepEqual(asked, [5000]);
});

function disconnected(atMs: number) {
  return { kind: "client_disconnected", key: aRecord("a"), outcome: { kind: "client_gone" }, atMs };
}

Deno.test("makeAttempt() goes on waiting when the upstream can be connected to", async () => {
  const { clock, client, result } = anAttempt("hang", { canConnect: () => Promise.resolve(true) });
  await clock.advance(200_000);
  client.abort();
  assert.deepEqual(await result, disconnected(clock.nowMs()));
});

Deno.test("makeAttempt() ends when the client disconnects", async () => {
  const { client, clock, result } = anAttempt("hang");
  client.abort();
  assert.deepEqual(await result, disconnected(clock.nowMs()));
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("makeAttempt() rejects for a bug", async () => {
  const { result } = anAttempt(() => {
    throw new TypeError("a bug");
  });
  await assert.rejects(result, TypeError);
});

const VISIBLE = "event: response.output_text.delta\ndata: {}\n\n";

Deno.test("makeAttempt() records each answer once, at its end", async () => {
  const plain = anAttempt(answer(200), { asksModel: true });
  const answered = await plain.result;
  assert.equal(plain.ends.length, 0);
  await textOf(answered);
  assert.deepEqual(plain.ends.map(({ outcome, ending }) => [outcome.kind, ending]), [["ok", undefined]]);
  const streamed = anAttempt(eventStream([VISIBLE]), { asksModel: true });
  const attempt = await streamed.result;
  assert.equal(streamed.ends.length, 0);
  await textOf(attempt);
  assert.deepEqual(streamed.ends.map(({ ending, streamedBytes }) => [ending, streamedBytes]), [
    ["truncated", VISIBLE.length],
  ]);
});

Deno.test("makeAttempt() looks into no stream of another route or of an error", async () => {
  const text = "event: response.failed\ndata: {}\n\n";
  for (const [asksModel, status] of [[false, 200], [true, 500]] as const) {
    const headers = { "content-type": "text/event-stream" };
    const { result, ends } = anAttempt(() => new Response(text, { status, headers }), { asksModel });
    assert.equal(await textOf(await result), text);
    assert.equal(ends[0]?.ending, undefined);
  }
});

Deno.test("makeAttempt() takes over the credits that headers and a stream name", async () => {
  const credits = '{"credits":{"has_credits":true,"unlimited":false,"balance":"5"}}';
  const events = [`event: codex.rate_limits\ndata: ${credits}\n\n`, VISIBLE];
  const { result, credits: noted } = anAttempt(eventStream(events), { asksModel: true });
  await textOf(await result);
  assert.deepEqual(noted.map((reading) => reading?.balance), [undefined, "5"]);
  const headers = { "x-codex-credits-has-credits": "true", "x-codex-credits-balance": "7" };
  const json = anAttempt(answer(200, {}, headers));
  await json.result;
  assert.deepEqual(json.credits.map((reading) => reading?.balance), ["7"]);
});

Deno.test("makeAttempt() takes over the windows that a stream names", async () => {
  const limits = '{"rate_limits":{"primary":{"used_percent":33,"window_minutes":300}}}';
  const events = [`event: codex.rate_limits\ndata: ${limits}\n\n`, VISIBLE];
  const { result, windows } = anAttempt(eventStream(events), { asksModel: true });
  await result;
  assert.deepEqual(windows.map(({ usedPercent }) => usedPercent), [33]);
});

Deno.test("makeAttempt() knows a client that disconnects before the head of a stream is judged", async () => {
  const silent = () =>
    new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } });
  const { clock, client, result, ends } = anAttempt(silent, { asksModel: true });
  await clock.advance(1000);
  client.abort();
  assert.deepEqual(await result, disconnected(clock.nowMs()));
  assert.deepEqual(ends.map(({ status, headMs }) => [status, headMs]), [[200, undefined]]);
});

/** An answer that never ends, and counts how often it was cancelled. */
function endless(type: string) {
  const cancels: unknown[] = [];
  const body = new ReadableStream({
    start: (c) => c.enqueue(new TextEncoder().encode(VISIBLE)),
    cancel: (reason) => void cancels.push(reason),
  });
  return { cancels, reply: () => new Response(body, { headers: { "content-type": type } }) };
}

Deno.test("discard() cancels the body of an answer that no client gets", async () => {
  for (const type of ["text/event-stream", "application/json"]) {
    const { cancels, reply } = endless(type);
    const { result, ends } = anAttempt(reply, { asksModel: true });
    discard(await result);
    assert.equal(cancels.length, 1, type);
    assert.equal(ends.length, 1, "each attempt is recorded once");
  }
  discard(undefined);
});

Deno.test("discard() records a stream no second time that failed in its head", async () => {
  const failure = 'event: response.failed\ndata: {"response":{"error":{"code":"token_revoked"}}}\n\n';
  const { result, ends } = anAttempt(eventStream([failure]), { asksModel: true });
  const attempt = await result;
  discard(attempt);
  assert.deepEqual(ends.map(({ outcome, ending }) => [outcome, ending]), [
    [{ kind: "auth_rejected", code: "token_revoked" }, "failed"],
  ]);
});

Deno.test("makeAttempt() notes the response that a stream begins and ends with", async () => {
  const event = (type: string) =>
    `event: ${type}\ndata: ${
      JSON.stringify({ type, response: { id: "resp_1", output: [{ id: "msg" }] } })
    }\n\n`;
  const events = [event("response.created"), VISIBLE, event("response.completed")];
  const { result, outlines } = anAttempt(eventStream(events), { asksModel: true });
  await textOf(await result);
  const told = outlines.map((outline) => JSON.parse(JSON.stringify(outline)));
  assert.deepEqual(
    told,
    ["response.created", "response.completed"].map((type) => ({ type, response: { id: "resp_1" } })),
  );
});

Deno.test("makeAttempt() reads an answer along that gives out ids", async () => {
  const { result, outlines } = anAttempt(answer(200, { id: "file-1", bytes: 5 }), { givesOutIds: true });
  assert.equal(await textOf(await result), '{"id":"file-1","bytes":5}');
  assert.deepEqual(outlines.map((outline) => ({ ...outline as object })), [{ id: "file-1", bytes: 5 }]);
});

/** `[what, answer, whether its request gives out ids]` */
const UNREAD: readonly [string, Response, boolean][] = [
  ["gives out no ids", Response.json({ id: "file-1" }), false],
  ["is not JSON", new Response("{}", { headers: { "content-type": "application/octet-stream" } }), true],
  ["fails", Response.json({ id: "file-1" }, { status: 500 }), true],
  ["redirects", Response.json({ id: "file-1" }, { status: 302 }), true],
];

for (const [what, response, givesOutIds] of UNREAD) {
  Deno.test(`makeAttempt() learns no ids from an answer that ${what}`, async () => {
    const text = await response.clone().text();
    const { result, outlines } = anAttempt(() => response, { givesOutIds });
    assert.equal(await textOf(await result), text);
    assert.deepEqual(outlines, []);
  });
}

Deno.test("makeAttempt() knows a stream that failed for what lives at another account by its words", async () => {
  const error = { code: "invalid_request_error", message: "Previous response with id 'resp_1' not found." };
  const failure = `event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`;
  for (const [namesAccountState, kind] of [[true, "other_account"], [false, "ok"]] as const) {
    const { outcome } = await anAttempt(eventStream([failure]), { asksModel: true, namesAccountState })
      .result;
    assert.equal(outcome.kind, kind);
  }
});

Deno.test("makeAttempt() blanks the key's token in a refusal and in a redirect, not in an answer", async () => {
  const token = aRecord("a").token.reveal();
  for (const [status, isBlanked] of [[200, false], [302, true], [400, true], [500, true]] as const) {
    const text = await textOf(await anAttempt(() => new Response(`you sent ${token}`, { status })).result);
    assert.equal(text, `you sent ${isBlanked ? "*".repeat(token.length) : token}`);
  }
});

Deno.test("makeAttempt() has no answer when the stream breaks before anything of it can be seen", async () => {
  const created = 'event: response.created\ndata: {"type":"response.created"}\n\n';
  const delta = 'event: response.output_text.delta\ndata: {"delta":"a"}\n\n';
  for (const [texts, kind] of [[[created], "failed"], [[created, delta], "answered"]] as const) {
    const { result, ends } = anAttempt(eventStream([...texts], { isBroken: true }), { asksModel: true });
    const attempt = await result;
    assert.equal(attempt.kind, kind);
    if (kind === "failed") assert.deepEqual([ends[0]?.status, ends[0]?.ending], [200, "broken"]);
    else await assert.rejects(textOf(attempt));
  }
});

Deno.test("makeAttempt() judges a refusal whose body does not come by its head, after a second", async () => {
  for (
    const [status, kind] of [[401, "auth_rejected"], [429, "rate_limited"], [400, "client_error"]] as const
  ) {
    const body = new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('{"err')) });
    const { clock, result } = anAttempt(() => new Response(body, { status }), { asksModel: true });
    await clock.advance(1_000);
    const attempt = await result;
    assert.deepEqual([attempt.kind, attempt.outcome.kind], ["answered", kind]);
    discard(attempt);
    assert.equal(clock.pendingTimers, 0);
  }
});
