// Out of files and sockets: connections that are silent, more streams than there is room for, and limits that can be
// raised. A process starts with about 25 of them in use.

import assert from "node:assert/strict";
import { runtimePaths } from "../../../src/config/paths.ts";
import { happyEvents, sse } from "../../support/answers.ts";
import { type FakeUpstream, startFakeUpstream } from "../../support/fake_upstream.ts";
import { startLimited } from "../../support/limited_service.ts";
import { Home, until } from "../../support/program.ts";
import { MANAGEMENT_KEY } from "../../support/service.ts";

const RESPONSES = "/backend-api/codex/responses";
const COMPLETED = /event: response\.completed\n/;
// Windows has no such limits.
const ignore = Deno.build.os === "windows";

/** A home with a key, and an upstream whose streams end when the test says so. */
async function streamingHome(): Promise<{ home: Home; upstream: FakeUpstream; finish: () => void }> {
  const upstream = await startFakeUpstream();
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  upstream.reply({ path: RESPONSES }, sse(happyEvents("to the end"), { lastAfter: finished }));
  const home = await Home.make({
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_UPSTREAM: upstream.url,
    // The streams of one test are of one session otherwise, and the upstream's connections of one pool.
    CLIPROXY_ROTATION: "request",
  });
  await home.addKey("work.json", "token-of-work");
  return { home, upstream, finish };
}

Deno.test({
  name: "connections that take every descriptor cost no stream, and requests are served again",
  ignore,
  fn: async () => {
    const { home, upstream, finish } = await streamingHome();
    await using _home = home;
    await using _upstream = upstream;
    const { logFile } = runtimePaths(home.authDir);
    const service = await startLimited(home, { soft: 160, hard: 160 });
    const { hostname, port } = new URL(service.baseUrl);
    const running = await service.ask();
    const silent: Deno.Conn[] = [];
    for (let count = 0; count < 300; count++) {
      await Deno.connect({ hostname, port: Number(port) }).then((one) => silent.push(one), () => {});
    }
    assert.ok(silent.length > 80, `${silent.length} connections`);
    await until("it is said in the log", async () => {
      return (await Deno.readTextFile(logFile)).includes("ERROR proxy.accept_failed");
    });
    for (const connection of silent) connection.close();
    await until("requests are taken again", async () => {
      const answer = await service.ask().catch(() => undefined);
      await answer?.body?.cancel();
      return answer?.status === 200;
    });
    finish();
    assert.match(await running.text(), COMPLETED);
    assert.ok(await service.isRunning());
  },
});

Deno.test({
  name: "more streams than there is room for get 503 with Retry-After, and the others end whole",
  ignore,
  fn: async () => {
    const { home, upstream, finish } = await streamingHome();
    await using _home = home;
    await using _upstream = upstream;
    const service = await startLimited(home, { soft: 160, hard: 160 });
    const answers: Response[] = [];
    for (let count = 0; count < 80; count++) answers.push(await service.ask());
    const refused = answers.filter(({ status }) => status === 503);
    const streams = answers.filter(({ status }) => status === 200);
    assert.deepEqual([refused.length + streams.length, refused.length > 10, streams.length > 25], [
      80,
      true,
      true,
    ]);
    for (const answer of refused) {
      assert.equal(answer.headers.get("retry-after"), "1");
      assert.equal((await answer.json()).error.type, "overloaded");
    }
    assert.equal((await service.manage("/debug")).status, 200, "the commands are still answered");
    finish();
    for (const stream of streams) assert.match(await stream.text(), COMPLETED);
  },
});

Deno.test({
  name: "a service in the background opens as many files and sockets as the system lets it",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using home = await Home.make({ CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY });
    const service = await startLimited(home, { soft: 200, hard: 1_000 });
    const limits = await Deno.readTextFile(`/proc/${service.pid}/limits`);
    assert.match(limits, /^Max open files +1000 +1000 /m);
  },
});
