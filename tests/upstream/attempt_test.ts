import assert from "node:assert/strict";
import { attempt, type AttemptPorts } from "../../src/upstream/attempt.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";

function anAttempt(reply: Reply, ports: Partial<AttemptPorts> = {}) {
  const clock = new FakeClock();
  const client = new AbortController();
  const { send } = new FakeSend(reply);
  const result = attempt({ send, clock, connectTimeoutMs: 10_000, headTimeoutMs: 300_000, ...ports }, {
    method: "POST",
    url: "http://upstream.example/",
    headers: new Headers(),
    clientSignal: client.signal,
  });
  return { clock, client, result };
}

Deno.test("attempt() hands on an answer and leaves no timer", async () => {
  const { clock, result } = anAttempt(answer(200, { a: 1 }));
  const attempted = await result;
  assert.ok(attempted.kind === "answered" && attempted.bodyText === undefined);
  assert.equal(await attempted.response.text(), '{"a":1}');
  assert.equal(clock.pendingTimers, 0);
});

for (const status of [401, 403, 429]) {
  Deno.test(`attempt() reads the body of a ${status} and keeps it whole for the client`, async () => {
    const long = { text: "x".repeat(200_000) };
    const attempted = await anAttempt(answer(status, long)).result;
    assert.ok(attempted.kind === "answered");
    assert.equal(attempted.bodyText?.length, 65_536);
    assert.deepEqual(await attempted.response.json(), long);
  });
}

Deno.test("attempt() judges a refusal by what came when its body hangs", async () => {
  const { clock, result } = anAttempt(() => {
    const body = new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode("part")) });
    return new Response(body, { status: 401 });
  });
  await clock.advance(6000);
  const attempted = await result;
  assert.equal(attempted.kind, "answered");
});

Deno.test("attempt() tells a connection that failed from one that broke", async () => {
  for (const [reply, isUnsent] of [["not_sent", true], ["interrupted", false]] as const) {
    const attempted = await anAttempt(reply).result;
    assert.deepEqual(attempted, {
      kind: "failed",
      failure: { isUnsent, isTimeout: false, reason: "connection refused" },
    });
  }
});

Deno.test("attempt() gives up when no answer comes", async () => {
  const { clock, result } = anAttempt("hang");
  await clock.advance(300_000);
  assert.deepEqual(await result, {
    kind: "failed",
    failure: { isUnsent: false, isTimeout: true, reason: "no answer within 300 s" },
  });
});

Deno.test("attempt() gives up early when the upstream cannot be connected to", async () => {
  const asked: number[] = [];
  const canConnect = (timeoutMs: number) => Promise.resolve(asked.push(timeoutMs) === 0);
  const { clock, result } = anAttempt("hang", { canConnect });
  await clock.advance(5000);
  assert.deepEqual(await result, {
    kind: "failed",
    failure: { isUnsent: true, isTimeout: true, reason: "no connection within 10 s" },
  });
  assert.deepEqual(asked, [5000]);
});

Deno.test("attempt() goes on waiting when the upstream can be connected to", async () => {
  const { clock, client, result } = anAttempt("hang", { canConnect: () => Promise.resolve(true) });
  await clock.advance(200_000);
  client.abort();
  assert.deepEqual(await result, { kind: "client_gone" });
});

Deno.test("attempt() ends when the client leaves", async () => {
  const { client, clock, result } = anAttempt("hang");
  client.abort();
  assert.deepEqual(await result, { kind: "client_gone" });
  assert.equal(clock.pendingTimers, 0);
});
