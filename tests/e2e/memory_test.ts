// Memory that a load took, and that nothing needs any more.

import assert from "node:assert/strict";
import { POOL_END_BYTES } from "../../src/system/memory.ts";
import { json } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { FakeWsUpstream } from "../support/fake_ws_upstream.ts";
import { Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";
import { connect } from "../support/ws_client.ts";

const INPUT = "x".repeat(4_000_000);
const ROUNDS = 12;
// The service keeps less than a third more than at rest on purpose, and glibc the end of a pool.
const KEPT = 4 / 3;
const POOL_END_MB = POOL_END_BYTES / 2 ** 20;
const ignore = Deno.build.os !== "linux";

async function aService(upstreamUrl: string): Promise<{ home: Home; service: Service; restMb: number }> {
  const home = await Home.make({ CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY, CLIPROXY_UPSTREAM: upstreamUrl });
  await home.addKey("work.json", "token-of-work");
  const service = await Service.startInBackground(home);
  return { home, service, restMb: await residentMb(service.pid) };
}

async function residentMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}

/** Has the service carry a load. Resolves when its memory is near what it was at rest. */
async function loadAndRest(pid: number, restMb: number, load: () => Promise<void>): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) await load();
  // How much the load took depends on the machine: without a return it was half as much again at the least.
  const maxMb = KEPT * restMb + POOL_END_MB;
  await until(`less than ${maxMb} MB`, async () => await residentMb(pid) < maxMb);
}

Deno.test({
  name: "a service in the background returns the memory of a load to the system, and goes on",
  ignore,
  fn: async () => {
    await using upstream = await startFakeUpstream();
    upstream.reply({ path: "/backend-api/codex/responses" }, json(200, { id: "resp_1" }));
    const { home, service, restMb } = await aService(upstream.url);
    await using _home = home;
    const body = JSON.stringify({ model: "gpt-5", input: INPUT });
    await loadAndRest(service.pid, restMb, async () => {
      const answers = Array.from({ length: 16 }, async () => {
        const answer = await fetch(`${service.baseUrl}/v1/responses`, { method: "POST", body });
        assert.equal(answer.status, 200);
        await answer.body?.cancel();
      });
      await Promise.all(answers);
    });
    assert.equal(await service.askForStatus(), 200);
    assert.ok(await service.isRunning());
  },
});

Deno.test({
  name: "it does so while WebSockets are open that nobody uses",
  ignore,
  fn: async () => {
    await using upstream = new FakeWsUpstream();
    upstream.script("token-of-work", (socket) => socket.send({ type: "response.completed", response: {} }));
    const { home, service, restMb } = await aService(upstream.url);
    await using _home = home;
    const sockets = await Promise.all(Array.from({ length: 8 }, () => connect(service.baseUrl)));
    const askAll = (input: string) =>
      Promise.all(sockets.map(async (socket) => {
        socket.call({ input: [input] });
        await socket.untilEvent("response.completed", socket.events.length + 1);
      }));
    // A session holds its last call, and room for one more of that size.
    const input = INPUT.slice(0, 1_000_000);
    await loadAndRest(service.pid, restMb, async () => void await askAll(input));
    await askAll("again");
    assert.deepEqual(sockets.map(({ end }) => end), sockets.map(() => undefined));
    for (const socket of sockets) socket.close();
  },
});
