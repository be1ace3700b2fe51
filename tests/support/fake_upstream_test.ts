import assert from "node:assert/strict";
import {
  chunks,
  delay,
  failedEvents,
  hang,
  happyEvents,
  json,
  reset,
  sse,
  text,
  usageBody,
} from "./answers.ts";
import { type FakeUpstream, startFakeUpstream } from "./fake_upstream.ts";

function ask(upstream: FakeUpstream, token: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return fetch(`${upstream.url}/codex/responses?a=1`, { method: "POST", body: "{}", headers, ...init });
}

Deno.test("a fake upstream gives each token its own list of answers, the last again and again", async () => {
  await using upstream = await startFakeUpstream();
  upstream.forToken("tok-a", [json(401, { error: "expired" }), text(200, "first"), text(200, "last")]);
  upstream.forToken("tok-b", text(429, "slow down", { "retry-after": "7" }));
  const statuses: [number, string][] = [];
  for (const token of ["tok-a", "tok-b", "tok-a", "tok-a", "tok-a"]) {
    const response = await ask(upstream, token);
    statuses.push([response.status, await response.text()]);
  }
  const slow: [number, string] = [429, "slow down"];
  const expired: [number, string] = [401, '{"error":"expired"}'];
  assert.deepEqual(statuses, [expired, slow, [200, "first"], [200, "last"], [200, "last"]]);
});

Deno.test("a fake upstream records what arrived", async () => {
  await using upstream = await startFakeUpstream();
  const body = crypto.getRandomValues(new Uint8Array(60_000));
  await (await ask(upstream, "tok-a", { body })).text();
  const parts = [new Uint8Array([1, 2]), new Uint8Array([3])];
  await (await ask(upstream, "tok-b", { body: ReadableStream.from(parts), headers: {} })).text();
  const [first, second] = upstream.requests;
  assert.equal(first?.method, "POST");
  assert.equal(first?.path, "/backend-api/codex/responses?a=1");
  assert.equal(first?.token, "tok-a");
  assert.deepEqual(first?.body, body);
  assert.equal(await first?.ended, "answered");
  assert.equal(second?.token, undefined);
  assert.deepEqual(second?.body, new Uint8Array([1, 2, 3]));
  assert.equal(upstream.requestsOf("tok-a").length, 1);
});

Deno.test("a fake upstream prefers the newest rule that fits, and answers 404 without one", async () => {
  await using upstream = await startFakeUpstream({ basePath: "" });
  assert.equal(upstream.url, `http://127.0.0.1:${upstream.port}`);
  const get = async (path: string) => await (await fetch(upstream.url + path)).text();
  assert.equal(await get("/any"), '{"detail":"Not Found"}');
  upstream.reply({}, text(200, "everything"));
  upstream.reply({ path: "/v1/models", method: "GET" }, (request) => text(200, `asked ${request.path}`));
  assert.equal(await get("/any"), "everything");
  assert.equal(await get("/v1/models?x=1"), "asked /v1/models?x=1");
});

Deno.test("a fake upstream streams events as chunks of their own", async () => {
  await using upstream = await startFakeUpstream();
  const cookies = { "set-cookie": ["a=1", "b=2"] };
  upstream.reply({}, sse(happyEvents("good day"), { gapMs: 5, headers: cookies }));
  const response = await ask(upstream, "tok-a");
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
  const frames = await Array.fromAsync(response.body!.pipeThrough(new TextDecoderStream()));
  assert.equal(frames.length, 4);
  assert.match(frames[0]!, /^event: response\.created\ndata: \{.*\}\n\n$/);
  assert.match(frames[3]!, /response\.completed.*good day/);
});

for (const end of ["cut", "reset"] as const) {
  Deno.test(`a fake upstream ends a stream by ${end} after its last chunk`, async () => {
    await using upstream = await startFakeUpstream();
    upstream.reply({}, sse(failedEvents("server_error", "boom"), { then: end }));
    const response = await ask(upstream, "tok-a");
    const frames: Uint8Array[] = [];
    await assert.rejects(async () => {
      for await (const frame of response.body!) frames.push(frame);
    });
    assert.equal(await upstream.requests[0]?.ended, "broken_off");
    assert.match(new TextDecoder().decode(frames.at(-1)), /response\.failed.*boom/);
    assert.equal(upstream.abortedCount, 0);
  });
}

Deno.test("a fake upstream can promise more bytes than it sends", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, chunks(["short"], { headers: { "content-length": "100" }, then: "cut" }));
  const response = await ask(upstream, "tok-a");
  assert.equal(response.headers.get("content-length"), "100");
  await assert.rejects(response.text());
});

Deno.test("a fake upstream resets before a byte of the answer", async () => {
  await using upstream = await startFakeUpstream();
  upstream.reply({}, [reset(), delay(5, text(200, "better"))]);
  await assert.rejects(ask(upstream, "tok-a"));
  assert.equal(await (await ask(upstream, "tok-a")).text(), "better");
});

Deno.test("a fake upstream notices a client that leaves in the middle of an answer", async () => {
  await using upstream = await startFakeUpstream();
  upstream.forToken("silent", hang());
  upstream.forToken("stalled", sse(happyEvents("hi"), { then: "hang" }));
  const silent = new AbortController();
  const asking = ask(upstream, "silent", { signal: silent.signal });
  await upstream.untilRequested(1);
  silent.abort();
  await assert.rejects(asking);
  await upstream.untilAborted(1);

  const stalled = new AbortController();
  const response = await ask(upstream, "stalled", { signal: stalled.signal });
  await response.body!.getReader().read();
  stalled.abort();
  await upstream.untilAborted(2);
  assert.equal(await upstream.requestsOf("stalled")[0]?.ended, "client_left");
});

Deno.test("usageBody() says that a limit is reached at 100 percent", () => {
  const body = usageBody({ usedPercent: 100, resetAfterSeconds: 60 }, {
    usedPercent: 3,
    resetAfterSeconds: 600,
  });
  const { rate_limit: limit } = body as { rate_limit: { allowed: boolean; primary_window: unknown } };
  assert.equal(limit.allowed, false);
  assert.equal((limit.primary_window as { limit_window_seconds: number }).limit_window_seconds, 18_000);
});
