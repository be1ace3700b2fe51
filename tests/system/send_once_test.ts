import assert from "node:assert/strict";
import { systemClock as clock } from "../../src/system/clock.ts";
import { sendOnce } from "../../src/system/send_once.ts";
import { unusedPort } from "../support/unused_port.ts";

/** Sends to a URL; resolves with whether anything left, and how it ended. */
async function sentTo(url: string, isProxied = false): Promise<readonly [boolean, string]> {
  let hasLeft = false;
  const send = () => {
    hasLeft = true;
    return Promise.resolve(new Response());
  };
  const once = sendOnce(send, { clock, connectTimeoutMs: 50, isProxied: () => isProxied });
  const { signal } = new AbortController();
  const request = { url, method: "POST", headers: new Headers(), signal };
  const end = await once(request).then(({ status }) => String(status), ({ failure }) => failure);
  return [hasLeft, end];
}

Deno.test("sendOnce() sends to a server that accepts connections, and to no other", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  assert.deepEqual(await sentTo(`http://127.0.0.1:${port}/oauth/token`), [true, "200"]);
  assert.deepEqual(await sentTo(`http://127.0.0.1:${unusedPort()}/oauth/token`), [false, "not_sent"]);
  // It never begins TLS.
  assert.deepEqual(await sentTo(`https://127.0.0.1:${port}/oauth/token`), [false, "not_sent"]);
});

Deno.test("sendOnce() looks for no server that only an HTTP proxy reaches", async () => {
  assert.deepEqual(await sentTo(`http://127.0.0.1:${unusedPort()}/`, true), [true, "200"]);
});
