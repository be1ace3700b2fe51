import assert from "node:assert/strict";
import { gatewayEnvironment, gatewayRoute } from "../../../src/cli/gateway/client.ts";
import { Secret } from "../../../src/values/secret.ts";

const GATEWAY = { url: "https://gateway.example", clientKey: new Secret("cdx2-key-of-ann") };

Deno.test("gatewayEnvironment() leads to the gateway with the client key, and one that is pinned in the address", () => {
  assert.deepEqual(gatewayEnvironment(GATEWAY, { current: { OPENAI_API_KEY: "sk-own" }, pinned: "work" }), {
    OPENAI_BASE_URL: "https://gateway.example/cdx2-key/work",
    OPENAI_API_BASE: "https://gateway.example/cdx2-key/work",
    OPENAI_API_KEY: "cdx2-key-of-ann",
    CLIPROXY_REMOTE: "https://gateway.example",
    CLIPROXY_CLIENT_KEY: "cdx2-key-of-ann",
  });
});

Deno.test("gatewayEnvironment() exempts only a gateway on this machine from an HTTP proxy", () => {
  const here = { ...GATEWAY, url: "http://127.0.0.1:8317" };
  const { NO_PROXY } = gatewayEnvironment(here, { current: { NO_PROXY: "a.lan" }, pinned: undefined });
  assert.equal(NO_PROXY, "a.lan,127.0.0.1,localhost");
});

Deno.test("gatewayRoute() follows what the gateway says of its upstream, and uses no login", () => {
  const route = gatewayRoute(
    GATEWAY,
    { upstream: "other", takes_compressed: false, websocket: false },
    undefined,
  );
  assert.deepEqual(route, {
    baseUrl: "https://gateway.example",
    pinned: undefined,
    isChatGptUpstream: false,
    hasOwnUpstreams: true,
    relaysWebSockets: false,
    isLoggedIn: false,
    keyVariable: "CLIPROXY_CLIENT_KEY",
  });
});
