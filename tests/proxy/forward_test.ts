// Requests of a client against a pool and a scripted upstream: who was asked, what the client got, what the trace says.

import assert from "node:assert/strict";
import { nameHash } from "../../src/auth/name_hash.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { LiveRequests } from "../../src/observability/live_requests.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { Forwarder } from "../../src/proxy/forward.ts";
import { type ClientRequest } from "../../src/proxy/client_request.ts";
import { Upstreams } from "../../src/upstream/upstreams.ts";
import { aRecord, POLICY } from "../support/builders.ts";
import { asResponse } from "../support/http_answer.ts";
import type { ForwardRules } from "../../src/proxy/rules.ts";
import { aLink } from "../support/upstream_link.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, eventStream, FakeSend, type Reply } from "../support/fake_send.ts";

function aProxy(names: string[], ...replies: Reply[]) {
  return aProxyWith("session", names, ...replies);
}

function aProxyWith(rotation: ForwardRules["rotation"], names: string[], ...replies: Reply[]) {
  const clock = new FakeClock();
  const upstream = new FakeSend(...replies);
  const events: ProxyEvent[] = [];
  const pool = new KeyPool(POLICY, () => {});
  pool.merge(names.map((name) => aRecord(name)), clock.nowMs());
  const link = aLink({ send: upstream.send, clock });
  const live = new LiveRequests((row) => row);
  const forwarder = new Forwarder({
    upstreams: new Upstreams("http://upstream.example/backend-api"),
    linkTo: () => link,
    pool,
    live,
    publish: (event: ProxyEvent) => void events.push(event),
    rules: { authDir: "/auths", holdMs: 20_000, maxAttempts: 8, rotation },
  });
  const client = new AbortController();
  const ask = async (over: Partial<ClientRequest> = {}) =>
    asResponse(
      await forwarder.forward({
        requestId: "req_1",
        method: "POST",
        path: "/v1/responses",
        query: "",
        headers: new Headers(),
        body: new TextEncoder().encode("{}"),
        receivedMs: clock.elapsedMs(),
        clientIp: "127.0.0.1",
        clientName: undefined,
        signal: client.signal,
        ...over,
      }),
    );
  const states = () =>
    pool.describe(clock.nowMs()).map(({ record, health }) => `${record.file[0]}:${health.state.kind}`).join(
      " ",
    );
  const rows = () => events.flatMap(({ event, fields }) => event === "proxy.request" ? [fields] : []);
  const trace = () =>
    rows().map((row) => `${row.attempt} ${row.auth_file?.[0] ?? "-"} ${row.status} ${row.outcome}`);
  return { clock, upstream, events, client, ask, states, rows, trace, pool, live };
}

/** A request with a body of JSON. */
function json(body: unknown): Pick<ClientRequest, "headers" | "body"> {
  return {
    headers: new Headers({ "content-type": "application/json" }),
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}

const DEAD = answer(401, { error: { code: "token_revoked" } });
const SPENT = answer(429, { error: { type: "usage_limit_reached", resets_in_seconds: 3600 } });
const GOOD = answer(200, { ok: true }, { "set-cookie": "a=1", "x-kept": "1" });

Deno.test("forward() goes on to the next key on 401 and 429, under one request id", async () => {
  const { ask, upstream, states, trace, rows } = aProxy(["a", "b", "c"], DEAD, SPENT, GOOD);
  const response = await ask();
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { ok: true });
  assert.deepEqual(upstream.tokens, ["token-of-a", "token-of-b", "token-of-c"]);
  assert.equal(states(), "a:blacklist b:cooldown c:ok");
  assert.deepEqual(trace(), ["1 a 401 auth_rejected", "2 b 429 rate_limited", "3 c 200 ok"]);
  assert.deepEqual(rows().map(({ request_id }) => request_id), ["req_1", "req_1", "req_1"]);
  assert.deepEqual(rows().map(({ error }) => error), ["token_revoked", "usage_limit_reached", undefined]);
});

Deno.test("forward() sends the same body with every attempt", async () => {
  const { ask, upstream } = aProxy(["a", "b"], DEAD, GOOD);
  const body = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 255]);
  await ask({ body });
  assert.deepEqual(upstream.requests.map((request) => request.body), [body, body]);
});

Deno.test("forward() returns the answer with its headers, without cookies, with the request id", async () => {
  const response = await aProxy(["a"], GOOD).ask();
  assert.equal(response.headers.get("x-kept"), "1");
  assert.equal(response.headers.get("set-cookie"), null);
  assert.equal(response.headers.get("x-cdx2-request-id"), "req_1");
});

/** Answers that are nobody's fault in the pool: passed on, after one attempt, and no state changes. */
for (const status of [400, 404, 422, 500, 503]) {
  Deno.test(`forward() passes a ${status} on after one attempt`, async () => {
    const { ask, states, upstream } = aProxy(["a", "b"], answer(status, { detail: "x" }));
    const response = await ask();
    assert.equal(response.status, status);
    assert.deepEqual(await response.json(), { detail: "x" });
    assert.equal(upstream.requests.length, 1);
    assert.equal(states(), "a:ok b:ok");
  });
}

Deno.test("forward() passes a challenge page on whole and ejects nobody", async () => {
  const page = "<html>" + "x".repeat(100_000);
  const challenge = () => new Response(page, { status: 403, headers: { "content-type": "text/html" } });
  const { ask, states } = aProxy(["a", "b"], challenge);
  const response = await ask();
  assert.equal(response.status, 403);
  assert.equal(await response.text(), page);
  assert.equal(states(), "a:ok b:ok");
});

Deno.test("forward() never lets a pool's 401 through", async () => {
  const { ask, events } = aProxy(["a", "b"], DEAD);
  const response = await ask();
  assert.equal(response.status, 503);
  assert.match((await response.json()).error.message, /2 blacklisted \(token_revoked\).*cdx2 doctor/);
  assert.equal(events.at(-1)?.event, "auth.pool_exhausted");
});

/** Once the answer has been read: it is recorded at its end. */
async function statusOf(asked: Promise<Response>): Promise<number> {
  const response = await asked;
  await response.body?.pipeTo(new WritableStream());
  return response.status;
}

Deno.test("forward() retries a connection that failed once, with the same key", async () => {
  const { ask, upstream, states, trace } = aProxy(["a", "b"], "not_sent", GOOD);
  assert.equal(await statusOf(ask()), 200);
  assert.deepEqual(upstream.tokens, ["token-of-a", "token-of-a"]);
  assert.deepEqual(trace(), ["1 a null origin_failed", "2 a 200 ok"]);
  assert.equal(states(), "a:ok b:ok");
});

Deno.test("forward() gives up on an upstream that cannot be reached, and says so", async () => {
  const { ask, upstream } = aProxy(["a", "b"], "not_sent");
  const response = await ask();
  assert.equal(response.status, 502);
  assert.match(
    (await response.json()).error.message,
    /no answer from http:\/\/upstream.example: connection refused/,
  );
  assert.equal(upstream.requests.length, 2);
});

Deno.test("forward() does not repeat a request that may have arrived", async () => {
  const { ask, upstream } = aProxy(["a", "b"], "interrupted");
  assert.equal((await ask()).status, 502);
  assert.equal(upstream.requests.length, 1);
});

Deno.test("forward() answers 504 when the upstream stays silent", async () => {
  const { ask, clock, states } = aProxy(["a"], "hang");
  const response = ask();
  await clock.advance(300_000);
  assert.equal((await response).status, 504);
  assert.equal(states(), "a:ok");
});

Deno.test("forward() ends the attempt when the client disconnects, and blames nobody", async () => {
  const { ask, client, states, trace, upstream } = aProxy(["a"], "hang");
  const response = ask();
  client.abort();
  await response;
  assert.ok(upstream.requests[0]!.signal.aborted);
  assert.equal(states(), "a:ok");
  assert.deepEqual(trace(), ["1 a null client_gone"]);
});

const QUOTA = { error: { type: "usage_limit_reached" } };

Deno.test("forward() holds a request until a key is free", async () => {
  const { ask, clock, upstream } = aProxy(["a"], answer(429, QUOTA, { "retry-after": "5" }), GOOD);
  assert.equal((await ask()).status, 429);
  const held = ask({ requestId: "req_2" });
  await clock.advance(4999);
  assert.equal(upstream.requests.length, 1);
  await clock.advance(1);
  assert.equal((await held).status, 200);
});

Deno.test("forward() tells once of each request that it holds, and until when", async () => {
  const { ask, clock, pool, events } = aProxy(["a"], answer(429, QUOTA, { "retry-after": "15" }), GOOD);
  await ask();
  const until = new Date(clock.nowMs() + 15_000).toISOString();
  const held = ask({ requestId: "req_2" });
  await clock.advance(1000);
  // Wakes it up, with no key to be had.
  pool.merge([aRecord("a")], clock.nowMs());
  await clock.advance(14_000);
  await held;
  const told = events.flatMap(({ event, fields }) => event === "proxy.held" ? [fields] : []);
  assert.deepEqual(told.map(({ request_id, until }) => [request_id, until]), [["req_2", until]]);
});

Deno.test("forward() lets a held request go on as soon as a key is freed", async () => {
  const { ask, clock, pool } = aProxy(["a"], answer(429, QUOTA, { "retry-after": "15" }), GOOD);
  await ask();
  const held = ask();
  await clock.advance(1000);
  pool.reset({}, clock.nowMs());
  assert.equal((await held).status, 200);
});

Deno.test("forward() holds no request for a client that has left", async () => {
  const { ask, client, upstream } = aProxy(["a"], answer(429, QUOTA, { "retry-after": "15" }), GOOD);
  await ask();
  const held = ask();
  client.abort();
  await held;
  assert.equal(upstream.requests.length, 1);
});

Deno.test("forward() waits out a burst of its only key, and the client notices nothing", async () => {
  const { ask, clock, upstream, trace } = aProxy(["a"], answer(429, {}), GOOD);
  const response = ask();
  await clock.advance(4999);
  assert.equal(upstream.requests.length, 1);
  await clock.advance(1);
  assert.equal(await statusOf(response), 200);
  assert.deepEqual(trace(), ["1 a 429 rate_limited", "2 a 200 ok"]);
});

Deno.test("forward() answers a burst that outlasts the hold time so that clients come back", async () => {
  const { ask, clock, states } = aProxy(["a"], answer(429, {}));
  const response = ask();
  await clock.advance(20_000);
  const { status, headers } = await response;
  assert.deepEqual([status, headers.get("x-should-retry")], [429, null]);
  assert.ok(Number(headers.get("retry-after")) <= 30);
  assert.equal(states(), "a:cooldown");
});

Deno.test("forward() tells SDKs that a quota is not worth a retry", async () => {
  const { ask } = aProxy(["a"], answer(429, QUOTA, { "retry-after": "7200" }));
  const response = await ask();
  assert.equal(response.headers.get("x-should-retry"), "false");
  const { error } = await response.json();
  assert.equal(error.type, "usage_limit_reached");
});

Deno.test("forward() takes a model from the key that was refused it once another serves it", async () => {
  const detail = "The 'gpt-6' model is not supported when using Codex with a ChatGPT account.";
  const { ask, upstream, states } = aProxy(["a", "b"], answer(400, { detail }), GOOD);
  const headers = new Headers({ "x-codex-routing-hint": "model=gpt-6", "session-id": "s1" });
  for (let i = 0; i < 2; i++) assert.equal((await ask({ headers })).status, 200);
  assert.deepEqual(upstream.tokens, ["token-of-a", "token-of-b", "token-of-b"]);
  assert.equal(states(), "a:ok b:ok");
});

Deno.test("forward() passes on a refusal of a model that all keys share, and marks nobody", async () => {
  const { ask, upstream } = aProxy(["a", "b"], answer(404, { error: { code: "model_not_found" } }));
  const headers = new Headers({ "x-codex-routing-hint": "model=gpt-6" });
  for (let i = 0; i < 2; i++) {
    const response = await ask({ headers });
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), { error: { code: "model_not_found" } });
  }
  assert.equal(upstream.requests.length, 4);
});

Deno.test("forward() answers 503 where the upstream refuses the request with a 401", async () => {
  const { ask, states, upstream } = aProxy(
    ["a", "b"],
    answer(401, { error: { code: "mismatched_organization" } }),
  );
  const response = await ask();
  assert.equal(response.status, 503);
  assert.match((await response.json()).error.message, /mismatched_organization/);
  assert.equal(upstream.requests.length, 1);
  assert.equal(states(), "a:ok b:ok");
});

Deno.test("forward() tells Codex in the forms that it understands", async () => {
  const headers = new Headers({ originator: "codex_exec" });
  assert.equal((await aProxy(["a"], DEAD).ask({ headers })).status, 400);
  const limited = await aProxy(["a"], SPENT).ask({ headers });
  assert.equal(limited.status, 429);
  assert.equal((await limited.json()).error.type, "usage_limit_reached");
});

const COMPLETED = "event: response.completed\ndata: {}\n\n";

Deno.test("forward() relays a stream and records it when it ends", async () => {
  const { ask, trace } = aProxy(["a"], eventStream(["event: one\n\n", COMPLETED]));
  const response = await ask();
  assert.deepEqual(trace(), []);
  assert.equal(await response.text(), "event: one\n\n" + COMPLETED);
  assert.deepEqual(trace(), ["1 a 200 ok"]);
});

Deno.test("forward() records when the head of an answer came, and what its stream brought", async () => {
  const { ask, clock, rows } = aProxy(["a"], eventStream(["event: one\n\n", COMPLETED]), "not_sent");
  const response = await ask();
  await clock.advance(700);
  await response.text();
  await ask();
  const figures = rows().map((row) => [row.ttfb_ms, row.latency_ms, row.streamed_bytes]);
  const bytes = "event: one\n\n".length + COMPLETED.length;
  assert.deepEqual(figures, [[0, 700, bytes], [null, 0, undefined], [null, 0, undefined]]);
});

Deno.test("forward() takes a client that hangs up after the last event for served", async () => {
  const { ask, trace } = aProxy(["a"], eventStream(["event: one\n\n", COMPLETED, ": trailing\n"]));
  const reader = (await ask()).body!.getReader();
  await reader.read();
  await reader.read();
  await reader.cancel();
  assert.deepEqual(trace(), ["1 a 200 ok"]);
});

/** `[how the stream goes, chunks, outcome, error, end]` */
const STREAM_ENDS: [string, string[], string, string | undefined, string][] = [
  ["is completed", [COMPLETED], "ok", undefined, "completed"],
  ["is incomplete", ["event: response.incomplete\ndata: {}\n\n"], "ok", undefined, "incomplete"],
  ["fails", ["event: response.failed\ndata: {}\n\n"], "origin_failed", "response_failed", "failed"],
  ["ends in the middle", ["event: one\n\n"], "origin_failed", "stream_truncated", "truncated"],
];

for (const [how, chunks, outcome, error, end] of STREAM_ENDS) {
  Deno.test(`forward() records a stream that ${how} and blames nobody`, async () => {
    const { ask, rows, states } = aProxy(["a"], eventStream(chunks));
    assert.equal(await (await ask()).text(), chunks.join(""));
    const [row] = rows();
    assert.deepEqual([row!.outcome, row!.error, row!["stream_end"]], [outcome, error, end]);
    assert.equal(states(), "a:ok");
  });
}

Deno.test("forward() records a client that disconnects inside a stream", async () => {
  const { ask, trace } = aProxy(["a"], eventStream(["event: one\n\n", COMPLETED]));
  const reader = (await ask()).body!.getReader();
  await reader.read();
  await reader.cancel();
  assert.deepEqual(trace(), ["1 a 200 client_gone"]);
});

Deno.test("forward() breaks the client's stream when the upstream's breaks, and blames nobody", async () => {
  const { ask, states, rows } = aProxy(["a"], eventStream(["event: one\n\n"], { isBroken: true }));
  const response = await ask();
  await assert.rejects(response.text());
  assert.deepEqual(rows().map(({ outcome, error }) => [outcome, error]), [
    ["origin_failed", "stream_broken"],
  ]);
  assert.equal(states(), "a:ok");
});

/** A stream that says first that it began, then that it failed. */
function failing(code: string, extra: Record<string, unknown> = {}) {
  const failure = JSON.stringify({ response: { error: { code, ...extra } } });
  return eventStream([
    "event: response.created\ndata: {}\n\n",
    `event: response.failed\ndata: ${failure}\n\n`,
  ]);
}
const SERVED = eventStream(["event: response.created\ndata: {}\n\n", COMPLETED]);

/** `[code in the stream, state of the key after it]` */
const HEAD_FAILURES: [string, string][] = [
  ["usage_limit_reached", "a:cooldown b:ok"],
  ["rate_limit_exceeded", "a:cooldown b:ok"],
  ["token_revoked", "a:blacklist b:ok"],
  ["server_is_overloaded", "a:ok b:ok"],
];

for (const [code, expected] of HEAD_FAILURES) {
  Deno.test(`forward() hides a stream that begins and then fails with ${code}`, async () => {
    const { ask, states, rows } = aProxy(["a", "b"], failing(code), SERVED);
    const text = await (await ask()).text();
    assert.match(text, /response\.completed/);
    assert.ok(!text.includes("response.failed"));
    assert.equal(states(), expected);
    assert.deepEqual(rows().map(({ attempt, status, error }) => [attempt, status, error]), [
      [1, 200, code],
      [2, 200, undefined],
    ]);
  });
}

Deno.test("forward() gives a quota that failed in a stream the answer of a quota when no key is left", async () => {
  const response = await aProxy(["a"], failing("usage_limit_reached", { resets_in_seconds: 60 })).ask();
  assert.equal(response.status, 429);
  assert.equal((await response.json()).error.resets_in_seconds, 60);
});

Deno.test("forward() passes on a failure that is about the request, after one attempt", async () => {
  const { ask, states, upstream } = aProxy(["a", "b"], failing("context_length_exceeded"), SERVED);
  assert.match(await (await ask()).text(), /context_length_exceeded/);
  assert.equal(upstream.requests.length, 1);
  assert.equal(states(), "a:ok b:ok");
});

Deno.test("forward() relays a failure after visible output, and marks the key", async () => {
  const delta = "event: response.output_text.delta\ndata: {}\n\n";
  const failure = 'event: response.failed\ndata: {"response":{"error":{"code":"usage_limit_reached"}}}\n\n';
  const { ask, states, upstream } = aProxy(["a", "b"], eventStream([delta, failure]), SERVED);
  assert.equal(await (await ask()).text(), delta + failure);
  assert.equal(upstream.requests.length, 1);
  assert.equal(states(), "a:cooldown b:ok");
});

Deno.test("forward() passes an overload on when another key meets it as well", async () => {
  const { ask, upstream } = aProxy(["a", "b", "c"], failing("server_is_overloaded"));
  assert.match(await (await ask()).text(), /server_is_overloaded/);
  assert.equal(upstream.requests.length, 2);
});

Deno.test("forward() learns the windows of a key from the headers of its answers", async () => {
  const headers = { "x-codex-primary-used-percent": "100", "x-codex-primary-reset-at": "1800000100" };
  const { ask, upstream } = aProxy(["a", "b"], answer(200, {}, headers), GOOD);
  for (let i = 0; i < 3; i++) await ask();
  assert.deepEqual(upstream.tokens, ["token-of-a", "token-of-b", "token-of-b"]);
});

Deno.test("forward() passes on a 403 that every key meets alike, and ejects nobody", async () => {
  const { ask, states } = aProxy(["a", "b"], answer(403, { detail: "client version expired" }));
  const response = await ask();
  assert.equal(response.status, 403);
  assert.deepEqual(await response.json(), { detail: "client version expired" });
  assert.equal(states(), "a:ok b:ok");
});

Deno.test("forward() walks no pool for a burst", async () => {
  const { ask, upstream, clock } = aProxy(["a", "b", "c", "d"], answer(429, {}));
  const response = ask();
  await clock.advance(4999);
  assert.deepEqual(upstream.tokens, ["token-of-a", "token-of-b"]);
  await clock.advance(15_001);
  const { status, headers } = await response;
  assert.deepEqual([status, headers.get("retry-after")], [429, "3"]);
});

Deno.test("forward() limits a key for the model that the limit is about", async () => {
  const limited = answer(429, { error: { type: "usage_limit_reached" } }, {
    "x-codex-active-limit": "spark",
  });
  const { ask, states, upstream } = aProxy(["a", "b"], limited, GOOD);
  const hint = (model: string) => new Headers({ "x-codex-routing-hint": `model=${model}` });
  await ask({ headers: hint("m-spark") });
  assert.equal(states(), "a:ok b:ok");
  await ask({ headers: hint("m-spark") });
  await ask({ headers: hint("m-other") });
  assert.deepEqual(upstream.tokens.slice(1), ["token-of-b", "token-of-b", "token-of-a"]);
});

Deno.test("forward() keeps a session on its key", async () => {
  const { ask, upstream } = aProxy(["a", "b"], GOOD);
  const headers = new Headers({ "session-id": "s1" });
  for (let i = 0; i < 3; i++) await ask({ headers });
  await ask();
  assert.deepEqual(upstream.tokens, ["token-of-a", "token-of-a", "token-of-a", "token-of-b"]);
});

Deno.test("forward() finds what an answer gave out at the key that made it, whatever the turns are", async () => {
  const made = answer(200, { id: "resp_1234" });
  const { ask, upstream } = aProxy(["a", "b", "c"], GOOD, made, GOOD);
  await (await ask()).text();
  await (await ask()).text();
  for (let i = 0; i < 3; i++) await ask({ method: "GET", path: "/v1/responses/resp_1234", body: undefined });
  assert.deepEqual(upstream.tokens.slice(2), ["token-of-b", "token-of-b", "token-of-b"]);
});

Deno.test("forward() asks each key once for an id that it does not know, and remembers who knew it", async () => {
  const unknown = answer(404, { error: { message: "No such response" } });
  const { ask, upstream, trace } = aProxy(["a", "b", "c"], unknown, unknown, GOOD);
  const previous = json({ previous_response_id: "resp_1234" });
  assert.equal((await ask(previous)).status, 200);
  assert.equal((await ask(previous)).status, 200);
  const tokens = ["token-of-a", "token-of-b", "token-of-c", "token-of-c"];
  assert.deepEqual(upstream.tokens, tokens);
  assert.deepEqual(trace().slice(0, 2), ["1 a 404 other_account", "2 b 404 other_account"]);
});

Deno.test("forward() binds a session to the key that served what it named", async () => {
  const { ask, upstream, pool, clock } = aProxy(["a", "b"], GOOD);
  const headers = new Headers({ "session-id": "s1", "content-type": "application/json" });
  await ask({ headers });
  pool.affinity.remember([nameHash("id", "resp_1234")], "b.json", clock.nowMs());
  await ask({ ...json({ previous_response_id: "resp_1234" }), headers });
  await ask({ headers });
  assert.deepEqual(upstream.tokens, ["token-of-a", "token-of-b", "token-of-b"]);
});

Deno.test("forward() leaves a session on its key when no key can read what it sends", async () => {
  const foreign = answer(400, { error: { code: "invalid_encrypted_content" } });
  const { ask, upstream } = aProxy(["a", "b", "c"], GOOD, foreign, foreign, foreign, GOOD);
  const headers = new Headers({ "session-id": "s1" });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await ask({ headers })).status);
  assert.deepEqual(statuses, [200, 400, 200]);
  assert.deepEqual([upstream.tokens[0], upstream.tokens.at(-1)], ["token-of-a", "token-of-a"]);
  assert.equal(upstream.tokens.length, 5);
});

Deno.test("forward() keeps a session on the key whose stream the client left", async () => {
  const { ask, upstream, pool, clock } = aProxy(["a", "b"], eventStream(["event: one\n\n", COMPLETED]), GOOD);
  const headers = new Headers({ "session-id": "s1" });
  await (await ask({ headers })).body!.cancel();
  assert.equal(pool.affinity.saved(clock.nowMs()).sessions[0]?.file, "a.json");
  await ask({ headers });
  assert.deepEqual(upstream.tokens, ["token-of-a", "token-of-a"]);
});

Deno.test("forward() keeps no name of a session or an id", async () => {
  const { ask, pool, clock } = aProxy(["a"], GOOD);
  await ask({ ...json({ prompt_cache_key: "my-session", previous_response_id: "resp_1234" }) });
  const saved = JSON.stringify(pool.affinity.saved(clock.nowMs()));
  assert.match(saved, /a\.json/);
  assert.doesNotMatch(saved, /my-session|resp_1234/);
});

Deno.test("forward() writes the session into the trace, also where each request takes turns", async () => {
  for (const rotation of ["session", "request"] as const) {
    const { ask, rows } = aProxyWith(rotation, ["a"], GOOD);
    const headers = new Headers({ "session-id": "s1", "x-codex-routing-hint": "model=m" });
    assert.equal(await statusOf(ask({ headers })), 200);
    assert.deepEqual(rows().map(({ session, model }) => [session, model]), [["s1", "m"]]);
  }
});

const OWN_LOGIN = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.sig";

Deno.test("forward() lets the user's own login through where it belongs, with whatever comes back", async () => {
  const { ask, upstream, states, trace } = aProxy(["a"], answer(401, { detail: "yours" }));
  const headers = new Headers({ authorization: OWN_LOGIN, "chatgpt-account-id": "mine" });
  const response = await ask({
    method: "GET",
    path: "/backend-api/wham/settings/user",
    headers,
    body: undefined,
  });
  assert.equal(response.status, 401);
  assert.deepEqual(await response.json(), { detail: "yours" });
  assert.equal(upstream.requests[0]!.headers.get("authorization"), OWN_LOGIN);
  assert.equal(upstream.requests[0]!.headers.get("chatgpt-account-id"), "mine");
  assert.equal(states(), "a:ok");
  assert.deepEqual(trace(), ["1 - 401 client_error"]);
});

Deno.test("forward() uses a key for model requests whatever the client's login", async () => {
  const { ask, upstream } = aProxy(["a"], GOOD);
  await ask({ headers: new Headers({ authorization: OWN_LOGIN }) });
  assert.deepEqual(upstream.tokens, ["token-of-a"]);
});

Deno.test("forward() keeps query secrets out of the trace", async () => {
  const { ask, rows, upstream } = aProxy(["a"], GOOD);
  await ask({ query: "?api_key=hidden" });
  assert.ok(upstream.requests[0]!.url.endsWith("?api_key=hidden"));
  assert.ok(!JSON.stringify(rows()).includes("hidden"));
});
