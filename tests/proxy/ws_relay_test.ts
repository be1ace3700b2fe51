import assert from "node:assert/strict";
import { aVerdict, limitedUntil, REJECTED } from "../support/builders.ts";
import { aWsRelay } from "../support/fake_ws.ts";

const quotaBody = () => Response.json({ error: { type: "usage_limit_reached" } }, { status: 429 });

Deno.test("handle() accepts a client once the upstream has, and hands on what it is to know", async () => {
  const { ask, acceptHeaders, accepted, relay, asked } = aWsRelay(["a"]);
  acceptHeaders.set("openai-model", "m");
  acceptHeaders.set("set-cookie", "c=1");
  acceptHeaders.set("cf-ray", "repeats token-of-a");
  const headers = new Headers({ "sec-websocket-key": "k", "user-agent": "codex", cookie: "x=1" });
  const { headers: answered } = await ask({ headers });
  assert.deepEqual(
    ["openai-model", "set-cookie", "cf-ray", "x-cdx2-request-id"].map((name) => answered.get(name)),
    ["m", null, "repeats **********", "req_1"],
  );
  assert.deepEqual(Object.fromEntries(asked[0]!.headers), {
    authorization: "Bearer token-of-a",
    "chatgpt-account-id": "acct-a",
    "user-agent": "codex",
  });
  assert.equal(asked[0]!.url, "https://upstream.example/backend-api/codex/responses");
  assert.equal(relay.figures.open, 1);
  assert.equal(accepted.length, 1);
});

Deno.test("handle() leaves to HTTP what is not the route of calls", async () => {
  const { ask, asked } = aWsRelay(["a"]);
  for (const path of ["/v1/models", "/v1/responses/r1", "/v1/responses/compact", "/backend-api/wham/usage"]) {
    assert.equal((await ask({ path })).status, 426, path);
  }
  assert.equal((await ask({ method: "POST" })).status, 426);
  assert.deepEqual(asked, []);
});

Deno.test("handle() refuses as over HTTP what Codex understands, and nothing else", async () => {
  const used = aWsRelay(["a"], { a: quotaBody() });
  assert.equal((await used.ask()).status, 429);
  const rejected = () => Response.json({ error: { code: "token_revoked" } }, { status: 401 });
  assert.equal((await aWsRelay(["a"], { a: rejected() }).ask()).status, 400);
  const other = new Headers();
  assert.equal((await aWsRelay(["a"], { a: rejected() }).ask({ headers: other })).status, 426);
  assert.equal((await aWsRelay([]).ask()).status, 400);
});

Deno.test("handle() tells a client to wait for a moment when two keys meet a burst", async () => {
  const burst = () => Response.json({ error: { code: "rate_limit_exceeded" } }, { status: 429 });
  const { ask, asked } = aWsRelay(["a", "b", "c"], { a: burst(), b: burst(), c: burst() });
  const { status, headers } = await ask();
  assert.deepEqual([status, headers.get("retry-after"), asked.length], [429, "3", 2]);
});

for (
  const [what, answer] of [
    ["reset", "unreachable"],
    ["a 404", new Response("", { status: 404 })],
    ["a 200", new Response("{}")],
    ["a 500", new Response("", { status: 500 })],
    ["a page of the CDN", new Response("<html>", { status: 403, headers: { "content-type": "text/html" } })],
  ] as const
) {
  Deno.test(`handle() leaves to HTTP an upstream that answers with ${what}, and blames no key`, async () => {
    const { ask, pool, clock, trace } = aWsRelay(["a", "b"], { a: answer, b: answer });
    assert.equal((await ask()).status, 426);
    assert(pool.describe(clock.nowMs()).every(({ standing }) => standing === "ok"));
    assert.equal(trace().length, 1);
  });
}

Deno.test("handle() gives an upstream ten seconds", async () => {
  const { ask, clock } = aWsRelay(["a"], { a: "hang" });
  const asking = ask();
  await clock.advance(10_000);
  assert.equal((await asking).status, 426);
});

Deno.test("handle() lets go of the upstream when the client has left meanwhile", async () => {
  const { ask, leaving, sockets, relay } = aWsRelay(["a"]);
  const asking = ask();
  leaving.abort();
  assert.equal((await asking).status, 499);
  assert.equal(sockets[0]?.closeCode, 1000);
  assert.equal(relay.figures.open, 0);
});

Deno.test("handle() lets go of the upstream when the request cannot be upgraded", async () => {
  const { ask, sockets, relay } = aWsRelay(["a"]);
  const response = await ask({}, () => {
    throw new TypeError("no key");
  });
  assert.equal(response.status, 400);
  assert.equal(sockets[0]!.closeCode, 1000);
  assert.equal(relay.figures.open, 0);
});

Deno.test("a penalty closes the idle sessions of its key, and those alone", async () => {
  const { open, pool, clock, sockets } = aWsRelay(["a", "b"]);
  const idle = await open();
  const busy = await open();
  busy.call();
  const lease = { record: pool.records[0]!, startedMs: clock.nowMs() };
  pool.apply(lease, aVerdict(REJECTED, clock.nowMs(), { status: 401 }));
  await clock.advance(0);
  assert.equal(idle.closeCode, 1012);
  assert.equal(busy.closeCode, undefined);
  sockets[1]!.say({ type: "response.completed", response: { id: "r" } });
  assert.equal(busy.closeCode, 1012);
  assert.deepEqual(busy.types, ["response.completed"]);
  const other = await open();
  assert.equal(sockets.at(-1)!.name, "b");
  pool.apply(lease, aVerdict(limitedUntil(clock.nowMs() + 1000), clock.nowMs()));
  await clock.advance(0);
  assert.equal(other.closeCode, undefined);
});

Deno.test("drain() ends idle sessions at once, the others after their call, and takes no new ones", async () => {
  const { relay, open, ask, sockets } = aWsRelay(["a"]);
  const idle = await open();
  const busy = await open();
  busy.call();
  assert.equal(relay.busyCount, 1);
  let isOver = false;
  const draining = relay.drain().then(() => isOver = true);
  assert.equal(idle.closeCode, 1001);
  assert.equal((await ask()).status, 426);
  assert.deepEqual([busy.closeCode, isOver], [undefined, false]);
  sockets[1]!.say({ type: "response.completed", response: {} });
  await draining;
  assert.equal(busy.closeCode, 1001);
});

Deno.test("cutAll() ends a call, which counts against nobody", async () => {
  const { relay, open, trace } = aWsRelay(["a"]);
  const busy = await open();
  busy.call();
  relay.cutAll();
  assert.equal(busy.closeCode, 1001);
  assert.deepEqual(trace(), ["1 a null client_gone"]);
});
