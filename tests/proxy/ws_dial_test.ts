// Handshakes are also tested with the relay as a whole (ws_relay_test.ts).

import assert from "node:assert/strict";
import { aWsRelay } from "../support/fake_ws.ts";

Deno.test("a refused handshake is an attempt, an accepted one is not", async () => {
  const refused = Response.json({ error: { code: "token_revoked" } }, { status: 401 });
  const { ask, trace, rows } = aWsRelay(["a", "b"], { a: refused });
  await ask();
  assert.deepEqual(trace(), ["1 a 401 auth_rejected"]);
  const [row] = rows();
  assert.deepEqual([row!.request_id, row!.transport, row!.error], ["req_1", "ws", "token_revoked"]);
});

Deno.test("a handshake tells the usage windows of its key, accepted or refused", async () => {
  const headers = { "x-codex-primary-used-percent": "100", "x-codex-primary-window-minutes": "300" };
  const refused = Response.json({ error: { type: "usage_limit_reached" } }, { status: 429, headers });
  const { ask, pool, clock, acceptHeaders } = aWsRelay(["a", "b"], { a: refused });
  acceptHeaders.set("x-codex-primary-used-percent", "30");
  await ask();
  const used = pool.describe(clock.nowMs()).map(({ windows }) => windows[0]?.usedPercent);
  assert.deepEqual(used, [100, 30]);
});

Deno.test("a 403 without a reason is blamed on the key only while it has no other socket", async () => {
  const answers: Record<string, Response> = {};
  const { open, ask, pool, clock } = aWsRelay(["a"], answers);
  const standing = () => pool.describe(clock.nowMs())[0]!.standing;
  const first = await open();
  answers["a"] = new Response("", { status: 403 });
  assert.equal((await ask()).status, 426);
  assert.equal(standing(), "ok");
  first.listener.onEnd();
  answers["a"] = new Response("", { status: 403 });
  assert.equal((await ask()).status, 400);
  assert.equal(standing(), "blacklist");
});

Deno.test("an accepted handshake does not count as running, the calls on it do", async () => {
  const { open, live, sockets } = aWsRelay(["a"]);
  const client = await open();
  assert.deepEqual(live.running, []);
  client.call();
  assert.deepEqual(live.running.map(({ request_id, state }) => [request_id, state]), [["req_1.1", "sent"]]);
  sockets[0]!.say({ type: "response.output_text.delta", delta: "x" });
  assert.deepEqual(live.running.map(({ state }) => state), ["streaming"]);
  sockets[0]!.say({ type: "response.completed", response: { id: "r" } });
  assert.deepEqual(live.running, []);
});
