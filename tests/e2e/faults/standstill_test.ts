// Processes that stand still for a time (SIGSTOP): the upstream in the middle of its work, and the proxy itself.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { delay, happyEvents, json, sse } from "../../support/answers.ts";
import { Home, until } from "../../support/program.ts";
import { startProxyWith } from "../../support/running_proxy.ts";
import { MANAGEMENT_KEY, Service } from "../../support/service.ts";

const UPSTREAM = fileURLToPath(new URL("../../support/upstream_process.ts", import.meta.url));
const UPLOAD_BYTES = 10_000_000;
const isWindows = Deno.build.os === "windows";

/** An upstream in a process of its own. Disposing of it ends it, also while it stands still. */
async function upstreamProcess(): Promise<AsyncDisposable & { readonly pid: number; readonly url: string }> {
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "-A", UPSTREAM], stdout: "piped" });
  const child = command.spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value: port = "" } = await reader.read();
  return {
    pid: child.pid,
    url: `http://127.0.0.1:${port.trim()}/backend-api`,
    async [Symbol.asyncDispose]() {
      await reader.cancel();
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** Reads a stream to its end. `seen` is called with the text so far. */
async function streamed(service: Service, seen: (text: string) => void = () => {}): Promise<string> {
  let text = "";
  try {
    const response = await service.ask();
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) seen(text += chunk);
    return `${response.status} ${/response.completed/.test(text) ? "whole" : "cut"}`;
  } catch {
    return "broken";
  }
}

async function uploaded(service: Service): Promise<string> {
  const body = new Uint8Array(UPLOAD_BYTES);
  const response = await fetch(`${service.baseUrl}/v1/files`, { method: "POST", body });
  const { bytes } = await response.json();
  return `${response.status} ${bytes}`;
}

Deno.test({
  name: "an upstream that stands still within a stream and an upload",
  ignore: isWindows,
  fn: async (t) => {
    await using upstream = await upstreamProcess();
    await using home = await Home.make({
      CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
      CLIPROXY_UPSTREAM: upstream.url,
      CLIPROXY_IDLE_TIMEOUT_SECONDS: "2",
      CLIPROXY_HEAD_TIMEOUT_SECONDS: "3",
    });
    await home.addKey("a.json", "token-a");
    const service = await Service.start(home);
    /** Stops the upstream once a stream has begun, and resolves with what becomes of it and of an upload. */
    const stopWithin = async () => {
      const begun = Promise.withResolvers<void>();
      const uploading = uploaded(service);
      const streaming = streamed(service, () => begun.resolve());
      await begun.promise;
      Deno.kill(upstream.pid, "SIGSTOP");
      return Promise.all([streaming, uploading]);
    };

    await t.step("goes on with both when it goes on in time", async () => {
      const ending = stopWithin();
      const stoppedMs = performance.now();
      await until("it stood still for a second", () => performance.now() - stoppedMs > 1000);
      Deno.kill(upstream.pid, "SIGCONT");
      assert.deepEqual(await ending, ["200 whole", `200 ${UPLOAD_BYTES}`]);
    });
    await t.step("is given up after the idle and the head timeout, and no key is blamed", async () => {
      const [stream, upload] = await stopWithin();
      assert.deepEqual([stream, upload], ["broken", "504 undefined"]);
      assert.equal(await service.askForStatus(), 504);
      assert.deepEqual((await service.accounts()).map(({ status }) => status), ["OK"]);
      assert.deepEqual((await service.attempts()).slice(-3).map(({ outcome }) => outcome), [
        "origin_failed",
        "origin_failed",
        "origin_failed",
      ]);
    });
    await t.step("is used again when it goes on", async () => {
      Deno.kill(upstream.pid, "SIGCONT");
      assert.equal(await streamed(service), "200 whole");
    });
    await t.step("does not hold up a stop", async () => {
      const ending = stopWithin();
      assert.equal((await home.run(["stop"])).code, 0);
      assert.deepEqual(await ending, ["broken", "504 undefined"]);
    });
  },
});

Deno.test({
  name: "a proxy that stands still longer than its timeouts loses no request",
  ignore: isWindows,
  fn: async () => {
    const env = { CLIPROXY_IDLE_TIMEOUT_SECONDS: "1.5", CLIPROXY_HEAD_TIMEOUT_SECONDS: "1.5" };
    await using proxy = await startProxyWith(["a"], { env });
    const { upstream, service } = proxy;
    upstream.reply(
      {},
      ({ path }) =>
        path.endsWith("/responses") ? sse(happyEvents("hello"), { gapMs: 300 }) : delay(1000, json(200, {})),
    );
    const begun = Promise.withResolvers<void>();
    const streaming = streamed(service, () => begun.resolve());
    const waiting = fetch(`${service.baseUrl}/v1/files`).then(async (response) => {
      await response.body?.cancel();
      return response.status;
    });
    await begun.promise;
    Deno.kill(service.pid, "SIGSTOP");
    const stoppedMs = performance.now();
    const asking = streamed(service);
    await until("it stood still for 4 s", () => performance.now() - stoppedMs > 4000);
    Deno.kill(service.pid, "SIGCONT");
    assert.deepEqual(await Promise.all([streaming, waiting, asking]), ["200 whole", 200, "200 whole"]);
    assert.deepEqual((await service.attempts()).map(({ outcome }) => outcome), ["ok", "ok", "ok"]);
    assert.match((await proxy.home.run(["status"])).stdout, /healthy +yes/);
  },
});
