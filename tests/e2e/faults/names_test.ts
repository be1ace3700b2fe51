// Names of upstreams: several addresses of which one answers, and name servers that never do.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { json } from "../../support/answers.ts";
import { aCertificate } from "../../support/certificate.ts";
import { deafListener } from "../../support/deaf_listener.ts";
import { startFakeUpstream } from "../../support/fake_upstream.ts";
import { FakeWsUpstream } from "../../support/fake_ws_upstream.ts";
import { testWith } from "../../support/installed.ts";
import { type OwnEtc, startWithEtc } from "../../support/own_etc.ts";
import { Home } from "../../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../../support/service.ts";
import { ask } from "../../support/ws_client.ts";

const NAME = "upstream.test";
const isLinux = Deno.build.os === "linux";

interface Setup {
  /** Where the upstream really is. */
  readonly url: string;
  readonly etc: OwnEtc;
  readonly env?: Readonly<Record<string, string>>;
}

/** Has a proxy ask its upstream by the name. Not tried where mounts of one's own are not permitted. */
async function withNamedUpstream(
  { url, etc, env = {} }: Setup,
  act: (service: Service, home: Home) => Promise<void>,
): Promise<void> {
  const named = new URL(url);
  named.hostname = NAME;
  await using home = await Home.make({
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_UPSTREAM: named.href,
    ...env,
  });
  await home.addKey("a.json", "token-a");
  const service = await startWithEtc(home, etc);
  if (service) await act(service, home);
}

/** `[what the first address does, the address]` */
const FIRST_ADDRESSES = [["refuses", "::1"], ["does not answer", "127.0.0.9"]] as const;

for (const [what, first] of FIRST_ADDRESSES) {
  Deno.test({
    name: `an upstream whose first address ${what} is reached at the next one`,
    ignore: !isLinux,
    fn: async () => {
      await using upstream = await startFakeUpstream({ host: "127.0.0.8" });
      upstream.reply({}, json(200, {}));
      using _deaf = await deafListener("127.0.0.9", Number(new URL(upstream.url).port));
      const etc = { hosts: `${first} ${NAME}\n127.0.0.8 ${NAME}\n` };
      await withNamedUpstream({ url: upstream.url, etc }, async (service) => {
        const startedMs = performance.now();
        assert.equal(await service.askForStatus(), 200);
        const tookMs = performance.now() - startedMs;
        assert.ok(tookMs < 4000, `below the 5 s until fetch would be asked: ${tookMs}`);
      });
    },
  });
}

testWith("openssl", "so is its WebSocket, over TLS", async () => {
  await using certificate = await aCertificate([`DNS:${NAME}`]);
  await using upstream = new FakeWsUpstream(certificate);
  upstream.script("token-a", () => {});
  const etc = { hosts: `::1 ${NAME}\n127.0.0.1 ${NAME}\n` };
  const env = { DENO_CERT: certificate.authorityFile };
  await withNamedUpstream({ url: upstream.url, etc, env }, async (service) => {
    const { status, socket } = await ask(service.baseUrl);
    assert.equal(status, 101);
    socket?.close();
  });
});

/** A name server that never answers; `undefined` where we may not take its port. */
async function silentNameServer(): Promise<(AsyncDisposable & { readonly asked: () => number }) | undefined> {
  const socket = createSocket("udp4");
  let asked = 0;
  socket.on("message", () => asked++);
  const isBound = await new Promise((resolve) => {
    socket.once("error", () => resolve(false)).bind(53, "127.0.0.53", () => resolve(true));
  });
  const close = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  if (isBound) return { asked: () => asked, [Symbol.asyncDispose]: close };
  await close();
  return undefined;
}

Deno.test({
  name:
    "a name server that never answers holds up no request longer than the connect timeout, and nothing else",
  ignore: !isLinux,
  fn: async () => {
    await using nameServer = await silentNameServer();
    if (!nameServer) return;
    const etc = { "resolv.conf": "nameserver 127.0.0.53\noptions timeout:30 attempts:1\n" };
    const env = { CLIPROXY_CONNECT_TIMEOUT_SECONDS: "1" };
    await withNamedUpstream({ url: "http://upstream.test:9", etc, env }, async (service, home) => {
      // More than the runtime has threads for look-ups.
      const asking = Array.from({ length: 60 }, () => service.askForStatus());
      assert.equal((await service.manage("/health")).status, 200);
      assert.deepEqual(new Set(await Promise.all(asking)), new Set([502]));
      // IPv4 and IPv6.
      assert.ok(nameServer.asked() <= 2, `${nameServer.asked()} questions`);
      const keys = (await service.accounts()).map(({ status }) => status);
      assert.deepEqual(keys, ["OK"]);
      assert.equal((await home.run(["stop"])).code, 0);
    });
  },
});

Deno.test("an upstream that accepts connections and never begins TLS holds up no request either", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  void (async () => {
    for await (const connection of listener) open.push(connection);
  })();
  await using home = await Home.make({
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_UPSTREAM: `https://127.0.0.1:${listener.addr.port}`,
    CLIPROXY_CONNECT_TIMEOUT_SECONDS: "1",
  });
  await home.addKey("a.json", "token-a");
  const service = await Service.start(home);
  const asking = Array.from({ length: 5 }, () => service.askForStatus());
  assert.deepEqual(await Promise.all(asking), [504, 504, 504, 504, 504]);
  for (const connection of open) connection.close();
});
