// Clients on bad networks: requests that come byte by byte, and connections that are reset before they are accepted,
// within a request and within an answer. Python resets them, since Deno cannot (SO_LINGER).

import assert from "node:assert/strict";
import { runtimePaths } from "../../../src/config/paths.ts";
import { happyEvents, json, sse } from "../../support/answers.ts";
import { saidBy, testWith } from "../../support/installed.ts";
import { until } from "../../support/program.ts";
import { startProxyWith } from "../../support/running_proxy.ts";

const RESETS = 200;

/** Sends `sys.argv[4]`, waits for `sys.argv[5]` if it is not empty, and resets the connection; `count` times, 20 at once. */
const CLIENT = `
import socket, struct, sys
from concurrent.futures import ThreadPoolExecutor
host, port, count, request, awaited = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].encode(), sys.argv[5].encode()
def one(_):
    s = socket.create_connection((host, port), timeout=30)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.sendall(request)
    got = b""
    while awaited and awaited not in got:
        more = s.recv(4096)
        if not more: return 0
        got += more
    s.close()
    return 1
with ThreadPoolExecutor(20) as pool: print(sum(pool.map(one, range(count))))
`;

function request(path: string, contentLength: number, body: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${contentLength}\r\n\r\n${body}`;
}

function descriptors(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

testWith("python3", "connections that clients reset leave nothing behind, and no key is blamed", async () => {
  await using proxy = await startProxyWith(["a"]);
  const { service, upstream } = proxy;
  upstream.reply(
    {},
    ({ path }) => path.endsWith("/responses") ? sse(happyEvents("hello"), { gapMs: 300 }) : json(200, {}),
  );
  const { hostname, port } = new URL(service.baseUrl);
  const canCount = Deno.build.os === "linux";
  const before = canCount ? descriptors(service.pid) : 0;
  const resets: readonly [string, string][] = [
    ["", ""],
    [request("/v1/files", 1_000_000, "x".repeat(50_000)), ""],
    ["POST /v1/files HTTP/1.1\r\nhost: 127", ""],
    [request("/v1/responses", 2, "{}"), "response.created"],
  ];
  for (const [text, awaited] of resets) {
    const said = await saidBy("python3", ["-c", CLIENT, hostname, port, String(RESETS), text, awaited]);
    assert.equal(said.trim(), String(RESETS));
  }
  await until("all requests have ended", async () => {
    return (await (await service.manage("/health")).json()).running_requests === 0;
  });
  if (canCount) {
    // The connection of this test is one more.
    await until("all connections are closed", () => descriptors(service.pid) <= before + 2);
  }
  const events = await Deno.readTextFile(runtimePaths(proxy.home.authDir).eventsFile);
  assert.ok(!events.includes("proxy.accept_failed"), "it took them for failures to accept");
  const outcomes = (await service.attempts()).map(({ outcome }) => outcome);
  assert.deepEqual(new Set(outcomes), new Set(["client_gone"]));
  assert.deepEqual((await service.accounts()).map(({ status }) => status), ["OK"]);
});

Deno.test("a request that comes byte by byte is served", async () => {
  await using proxy = await startProxyWith(["a"], { env: { CLIPROXY_BODY_IDLE_TIMEOUT_SECONDS: "4" } });
  proxy.upstream.reply({}, json(200, { served: true }));
  const { hostname, port } = new URL(proxy.url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  connection.setNoDelay(true);
  for (const byte of new TextEncoder().encode(request("/v1/files", 150, "x".repeat(150)))) {
    await connection.write(Uint8Array.of(byte));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const buffer = new Uint8Array(4096);
  const count = await connection.read(buffer);
  assert.match(new TextDecoder().decode(buffer.subarray(0, count ?? 0)), /^HTTP\/1\.1 200 /);
  connection.close();
});
