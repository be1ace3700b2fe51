import assert from "node:assert/strict";
import { HttpBody } from "../../src/system/http_body.ts";
import { discard } from "../../src/upstream/attempt.ts";
import type { AttemptEnd } from "../../src/upstream/attempt_end.ts";
import { eventStream } from "../support/fake_send.ts";
import { anAttempt, textOf } from "../support/made_attempt.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** An answer of these pieces, whose connection then breaks. */
function brokenAfter(pieces: readonly string[], init: ResponseInit): () => Response {
  return () => new Response(eventStream(pieces, { isBroken: true })().body, init);
}

// `[what, status, headers, pieces before the break, what comes of it, the outcome, the ending]`
const BREAKS: readonly (readonly [
  string,
  ResponseInit,
  readonly string[],
  string,
  string,
  AttemptEnd["ending"],
])[] = [
  ["JSON before its first byte", { headers: JSON_TYPE }, [], "failed", "origin_failed", "broken"],
  ["JSON within", { headers: JSON_TYPE }, ['{"a":'], "breaks", "origin_failed", "broken"],
  ["an answer without a type", {}, ["a", "b"], "breaks", "origin_failed", "broken"],
  [
    "events of another route",
    { headers: { "content-type": "text/event-stream" } },
    [],
    "breaks",
    "origin_failed",
    "broken",
  ],
  ["a redirect", { status: 302 }, ["moved"], "breaks", "origin_failed", "broken"],
  [
    "a 400",
    { status: 400, headers: { "content-length": "99" } },
    ['{"error":'],
    '{"error":',
    "client_error",
    undefined,
  ],
  ["a 500", { status: 500 }, ["<html>"], "<html>", "origin_failed", undefined],
  ["a 503", { status: 503 }, [], "", "origin_failed", undefined],
  [
    "a compressed 400",
    { status: 400, headers: { "content-encoding": "gzip" } },
    ["\x1f"],
    "",
    "client_error",
    undefined,
  ],
];

for (const [what, init, pieces, seen, kind, ending] of BREAKS) {
  Deno.test(`makeAttempt() when ${what} breaks off`, async () => {
    const { result, ends, clock } = anAttempt(brokenAfter(pieces, init), {
      asksModel: !what.includes("route"),
    });
    const attempt = await result;
    if (seen === "failed") assert.equal(attempt.kind, "failed");
    else if (seen === "breaks") await assert.rejects(textOf(attempt));
    else {
      assert.equal(await textOf(attempt), seen);
      assert.ok(attempt.kind === "answered" && !attempt.answer.headers.has("content-length"));
      assert.ok(!attempt.answer.headers.has("content-encoding"));
    }
    assert.deepEqual(ends.map(({ outcome, ending }) => [outcome.kind, ending]), [[kind, ending]]);
    assert.equal(clock.pendingTimers, 0);
  });
}

Deno.test("makeAttempt() gives up an answer that is silent within, and one that its client does not take", async () => {
  const { clock, result, ends } = anAttempt(() => new Response(aPart()), { givesOutIds: true });
  const broken = assert.rejects(textOf(await result));
  await clock.advance(300_000);
  await broken;
  const stalled = anAttempt(() => new Response(aPart()));
  await stalled.result;
  await stalled.clock.advance(300_000);
  assert.deepEqual([ends, stalled.ends].flat().map(({ outcome, ending }) => [outcome.kind, ending]), [
    ["origin_failed", "idle_timeout"],
    ["client_gone", "client_stalled"],
  ]);
});

/** A body of which a part comes, and nothing more. */
function aPart(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('{"a"')) });
}

Deno.test("makeAttempt() waits two seconds for the first piece of an answer, not for that of events", async () => {
  for (const [type, waitMs] of [["application/json", 2_000], ["text/event-stream", 0]] as const) {
    const silent = () => new Response(new ReadableStream(), { headers: { "content-type": type } });
    const { clock, client, result, ends } = anAttempt(silent);
    let isBegun = false;
    void result.then(() => isBegun = true);
    if (waitMs > 0) await clock.advance(waitMs - 1);
    assert.equal(isBegun, false, type);
    await clock.advance(waitMs > 0 ? 1 : 0);
    const attempt = await result;
    assert.equal(attempt.kind, "answered");
    discard(attempt);
    client.abort();
    assert.deepEqual(ends.map(({ outcome }) => outcome.kind), ["client_gone"]);
  }
});

Deno.test("makeAttempt() leaves an answer in one piece that has come whole, and records it at once", async () => {
  const source = { read: () => Promise.reject(new Error("not read")), cancel: () => {} };
  const body = new HttpBody(source, new TextEncoder().encode('{"id":"file-1"}'));
  const send = () => Promise.resolve({ status: 200, headers: new Headers(JSON_TYPE), body });
  const { result, ends, outlines } = anAttempt("hang", { send, givesOutIds: true });
  const attempt = await result;
  assert.equal(attempt.kind === "answered" && attempt.answer.body, body);
  assert.deepEqual([ends.length, outlines.map((outline) => ({ ...outline as object }))], [1, [{
    id: "file-1",
  }]]);
});
