import assert from "node:assert/strict";
import { ask } from "../../src/upstream/question.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";

const QUESTION = { url: "http://upstream.example/page", method: "GET", headers: new Headers() } as const;

function anAsking(reply: Reply, signal?: AbortSignal) {
  const clock = new FakeClock();
  const { send, requests } = new FakeSend(reply);
  const options = { send, clock, timeoutMs: 8000, ...(signal ? { signal } : {}) };
  return { clock, requests, answer: ask(QUESTION, options) };
}

Deno.test("ask() reads the whole answer and leaves no timer", async () => {
  const asking = anAsking(answer(200, { a: 1 }, { "x-kept": "1" }));
  const { status, headers, text } = (await asking.answer)!;
  assert.deepEqual([status, headers.get("x-kept"), text], [200, "1", '{"a":1}']);
  assert.equal(asking.clock.pendingTimers, 0);
});

Deno.test("ask() has no answer after its timeout, and ends the request", async () => {
  const asking = anAsking("hang");
  await asking.clock.advance(8000);
  assert.equal(await asking.answer, undefined);
  assert.equal(asking.requests[0]!.signal.aborted, true);
});

Deno.test("ask() ends with its caller", async () => {
  const caller = new AbortController();
  const asking = anAsking("hang", caller.signal);
  caller.abort();
  await assert.rejects(asking.answer, { name: "SendError" });
  assert.equal(asking.clock.pendingTimers, 0);
});
