import assert from "node:assert/strict";
import { permissionsFor } from "../../src/runtime/sandbox.ts";
import type { ProxiedOrigin } from "../../src/config/http_proxy.ts";
import { resolveSettings } from "../../src/config/settings.ts";

function permissions(
  flags: Record<string, string>,
  ownUpstreams: readonly string[] = [],
  proxiedOrigins: readonly ProxiedOrigin[] = [],
) {
  const { settings } = resolveSettings({ flags, env: {}, homeFolder: "/home/me", cwd: "/" });
  return permissionsFor({ settings, shared: undefined, ownUpstreams, proxiedOrigins });
}

Deno.test("permissionsFor() grants the engine of a shared pool, and no other host or port", () => {
  const { settings } = resolveSettings({
    flags: { port: "8317" },
    env: {},
    homeFolder: "/home/me",
    cwd: "/",
  });
  for (const [hostname, authority] of [["build", "build:6379"], ["::1", "[::1]:6379"]] as const) {
    const address = {
      hostname,
      port: 6379,
      isTls: true,
      caCerts: undefined,
      username: undefined,
      password: undefined,
    };
    const member = { member: "m", host: "m", memberId: "0", mayBeHome: false, claims: {} };
    const shared = { address: { ...address, database: 0 }, secret: "s", namespace: "n", ...member };
    const granted = permissionsFor({ settings, shared, ownUpstreams: [], proxiedOrigins: [] });
    assert.deepEqual(granted, {
      ...permissions({ port: "8317" }),
      net: ["chatgpt.com:443", authority, "127.0.0.1:8317"],
      read: granted.read,
      write: granted.write,
    });
  }
});

Deno.test("permissionsFor() grants the upstream, the bind address, reading the auth dir and writing state and logs", () => {
  assert.deepEqual(permissions({ authDir: "/auths", port: "8317" }), {
    net: ["chatgpt.com:443", "127.0.0.1:8317"],
    read: ["/auths", "/dev/null"],
    write: [
      "/auths/rr_proxy_v2.state.json",
      "/auths/rr_proxy_v2.state.json.worker.tmp",
      "/auths/rr_proxy_v2.state.json.set-aside",
      "/auths/rr_proxy_v2.sessions.json",
      "/auths/rr_proxy_v2.sessions.json.worker.tmp",
      "/auths/rr_proxy_v2.sessions.json.set-aside",
      "/auths/rr_proxy_v2.line.json",
      "/auths/rr_proxy_v2.line.json.worker.tmp",
      "/auths/rr_proxy_v2.log",
      "/auths/rr_proxy_v2.log.1",
      "/auths/rr_proxy_v2.log.2",
      "/auths/rr_proxy_v2.events.jsonl",
      "/auths/rr_proxy_v2.events.jsonl.1",
      "/auths/rr_proxy_v2.events.jsonl.2",
    ],
    env: false,
    run: false,
    sys: false,
    ffi: false,
    import: false,
  });
});

Deno.test("permissionsFor() names hosts and ports as they will be used", () => {
  assert.deepEqual(permissions({ upstream: "http://127.0.0.1:9/backend-api", host: "::1" }).net, [
    "127.0.0.1:9",
    "[::1]:0",
  ]);
  assert.deepEqual(permissions({ upstream: "http://[::1]/v1", host: "localhost" }).net, [
    "[::1]:80",
    "localhost:0",
  ]);
  // A service on all addresses asks itself on loopback.
  assert.deepEqual(
    permissions({ upstream: "http://[::1]/v1", host: "0.0.0.0", port: "8317", allowNonLoopback: "1" }).net,
    [
      "[::1]:80",
      "0.0.0.0:8317",
      "127.0.0.1:8317",
    ],
  );
});

Deno.test("permissionsFor() grants the HTTP proxies that open tunnels to upstreams, and no others", () => {
  const proxied = [
    { origin: "https://chatgpt.com", tunnelUrl: "http://user:word@proxy.example:3128/" },
    { origin: "https://api.openai.com", tunnelUrl: undefined },
  ];
  assert.deepEqual(permissions({ port: "8317" }, [], proxied).net, [
    "chatgpt.com:443",
    "proxy.example:3128",
    "127.0.0.1:8317",
  ]);
});

Deno.test("permissionsFor() grants the upstreams of single keys, each address once", () => {
  const own = ["https://api.openai.com/v1", "https://api.openai.com/other", "http://127.0.0.1:9/v1"];
  assert.deepEqual(permissions({ port: "8317" }, own).net, [
    "chatgpt.com:443",
    "api.openai.com:443",
    "127.0.0.1:9",
    "127.0.0.1:8317",
  ]);
});
