// The relay as a whole, with keys that have an upstream of their own.

import assert from "node:assert/strict";
import type { AuthRecord } from "../../src/auth/record.ts";
import { aRecord, aVerdict, LIMITED } from "../support/builders.ts";
import { aWsRelay, type HandshakeAnswer } from "../support/fake_ws.ts";

const API = "https://api.openai.com/v1";
const quota = { type: "error", status: 429, error: { type: "usage_limit_reached" } };
const completed = { type: "response.completed", response: { id: "r1" } };
const none = () => new Response("", { status: 404 });

/** `a` is a key of the settings' upstream, `b` one with an upstream of its own. */
function aMixedRelay(over: Partial<AuthRecord> = {}, answers: Record<string, HandshakeAnswer> = {}) {
  const relay = aWsRelay([], answers);
  const { pool, clock } = relay;
  pool.merge([aRecord("a"), aRecord("b", { upstream: API, ...over })], clock.nowMs());
  const limit = (name: string) => {
    const record = pool.records.find(({ file }) => file === `${name}.json`)!;
    pool.apply({ record, startedMs: clock.nowMs() }, aVerdict(LIMITED, clock.nowMs()));
  };
  return { ...relay, limit };
}

Deno.test("a key with an upstream of its own serves WebSockets there, with its own URL, headers and model", async () => {
  const { open, asked, sockets, limit } = aMixedRelay({ models: { m: "m-there" } });
  limit("a");
  const client = await open();
  assert.equal(asked[0]!.url, `${API}/responses`);
  assert.equal(asked[0]!.headers.get("authorization"), "Bearer token-of-b");
  assert.equal(asked[0]!.headers.get("chatgpt-account-id"), null);
  client.call();
  assert.deepEqual(sockets[0]!.sent, ['{"type":"response.create","model":"m-there","input":[]}']);
});

Deno.test("a call moves to a key with an upstream of its own, with the name of the model there", async () => {
  const { open, sockets, clock } = aMixedRelay({ models: { m: "m-there" } });
  const client = await open();
  client.call();
  sockets[0]!.say(quota);
  await clock.advance(0);
  assert.deepEqual(sockets.map(({ name }) => name), ["a", "b"]);
  assert.match(sockets[0]!.sent[0]!, /"model":"m"/);
  assert.match(sockets[1]!.sent[0]!, /"model":"m-there"/);
  sockets[1]!.say(completed);
  assert.deepEqual(client.types, [completed.type]);
});

for (
  const [what, answer] of [
    ["has none", none],
    ["cannot be reached", () => "unreachable" as const],
  ] as const
) {
  Deno.test(`where the upstream of a single key ${what}, others serve, and it is left alone for ten minutes`, async () => {
    const answers = { b: answer() };
    const { ask, asked, clock, pool } = aMixedRelay({}, answers);
    const names = () => asked.splice(0).map(({ headers }) => headers.get("authorization")!.at(-1)).join("");
    const turn = (session: string) => ask({ headers: new Headers({ "session-id": session }) });
    const statuses = [];
    for (const session of ["1", "2", "3"]) statuses.push((await turn(session)).status);
    assert.deepEqual(statuses, [200, 200, 200]);
    assert.equal(names().replace(/b+/, "b"), "aba" + "a");
    assert(pool.describe(clock.nowMs()).every(({ standing }) => standing === "ok"));
    await clock.advance(10 * 60_000);
    answers.b = answer();
    for (const session of ["4", "5", "6"]) await turn(session);
    assert.match(names(), /b/);
  });
}

Deno.test("HTTP is left to decide when only keys are free that serve over HTTP alone", async () => {
  const { ask, asked, limit } = aMixedRelay({}, { b: none() });
  limit("a");
  assert.equal((await ask()).status, 426);
  assert.equal((await ask()).status, 426);
  // The second time without asking.
  assert.equal(asked.length, 1);
});

Deno.test("HTTP is left to decide when the user prefers a key that serves over HTTP alone", async () => {
  const { ask, asked } = aMixedRelay({ priority: 5, upstream: "https://socks.example/v1" });
  assert.equal((await ask()).status, 426);
  assert.deepEqual(asked, []);
  const reserve = aMixedRelay({ priority: -5, upstream: "https://socks.example/v1" });
  assert.equal((await reserve.ask()).status, 200);
});

Deno.test("a call that only a key of HTTP can serve is sent there, and told no quota", async () => {
  for (const previous of [{}, { previous_response_id: "r0" }]) {
    const { open, ask, sockets, clock } = aMixedRelay({ upstream: "https://socks.example/v1" });
    const client = await open();
    client.call(previous);
    sockets[0]!.say(quota);
    await clock.advance(0);
    assert.equal(client.closeCode, 1012);
    assert.doesNotMatch(JSON.stringify(client.events), /usage_limit_reached/);
    assert.equal((await ask()).status, 426);
  }
});

Deno.test("a quota of the last key is told, that of a key with its own upstream included", async () => {
  const { ask, limit } = aMixedRelay({ upstream: "https://socks.example/v1" });
  limit("a");
  limit("b");
  assert.equal((await ask()).status, 429);
  const alone = aMixedRelay({ upstream: "https://socks.example/v1" });
  alone.pool.merge(alone.pool.records.filter(({ upstream }) => upstream !== undefined), alone.clock.nowMs());
  alone.limit("b");
  assert.equal((await alone.ask()).status, 429);
});

Deno.test("a key of HTTP alone that a client pins is left to HTTP", async () => {
  const { ask, limit } = aMixedRelay({ upstream: "https://socks.example/v1" });
  const headers = new Headers({ originator: "codex_exec", "x-cdx2-key": "b" });
  assert.equal((await ask({ headers })).status, 426);
  limit("b");
  assert.equal((await ask({ headers })).status, 429);
});

Deno.test("a disabled key with an upstream of its own plays no part", async () => {
  const { ask, asked, limit } = aMixedRelay({ isDisabled: true });
  limit("a");
  assert.equal((await ask()).status, 429);
  assert.deepEqual(asked, []);
});
