// Memory that a load took, and that nothing needs any more.

import assert from "node:assert/strict";
import { json } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

const BODY = JSON.stringify({ model: "gpt-5", input: "x".repeat(4_000_000) });

async function residentMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}

/** Has the service answer a load that makes it half as large again, and returns how large it then is. */
async function grow({ baseUrl, pid }: Service): Promise<number> {
  const restMb = await residentMb(pid);
  for (let rounds = 0; rounds < 20; rounds++) {
    const asked = Array.from({ length: 16 }, async () => {
      const answer = await fetch(`${baseUrl}/v1/responses`, { method: "POST", body: BODY });
      assert.equal(answer.status, 200);
      await answer.body?.cancel();
    });
    await Promise.all(asked);
    const nowMb = await residentMb(pid);
    if (nowMb > restMb * 1.5) return nowMb;
  }
  throw new Error("the load takes too little memory");
}

Deno.test({
  name: "a service in the background returns the memory of a load to the system, and goes on",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using upstream = await startFakeUpstream();
    upstream.reply({ path: "/backend-api/codex/responses" }, json(200, { id: "resp_1" }));
    await using home = await Home.make({
      CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
      CLIPROXY_UPSTREAM: upstream.url,
    });
    await home.addKey("work.json", "token-of-work");
    const service = await Service.startInBackground(home);
    const restMb = await residentMb(service.pid);
    const loadedMb = await grow(service);
    const halfMb = (restMb + loadedMb) / 2;
    await until("more than half of it is returned", async () => await residentMb(service.pid) < halfMb);
    assert.equal(await service.askForStatus(), 200);
    assert.ok(await service.isRunning());
  },
});
