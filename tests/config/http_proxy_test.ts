import assert from "node:assert/strict";
import {
  directTo,
  directToLoopback,
  loopbackProxyVariable,
  proxiedOrigin,
  proxyVariable,
} from "../../src/config/http_proxy.ts";
import type { Environment } from "../../src/system/process.ts";

const EXEMPTIONS: { when: string; host?: string; env: Environment; upper: string; lower?: string }[] = [
  { when: "none is set", env: {}, upper: "127.0.0.1,localhost" },
  {
    when: "both differ",
    env: { NO_PROXY: "a", no_proxy: "b" },
    upper: "a,127.0.0.1,localhost",
    lower: "b,127.0.0.1,localhost",
  },
  { when: "only one is set", env: { no_proxy: "b" }, upper: "b,127.0.0.1,localhost" },
  { when: "parts are there", env: { NO_PROXY: "localhost, a" }, upper: "localhost,a,127.0.0.1" },
  { when: "all is exempt", env: { NO_PROXY: "*" }, upper: "*" },
  { when: "the host is another", host: "192.0.2.7", env: {}, upper: "127.0.0.1,localhost,192.0.2.7" },
  { when: "the host is an IPv6 address", host: "[::1]", env: {}, upper: "127.0.0.1,localhost,::1" },
];

for (const { when, host = "127.0.0.1", env, upper, lower = upper } of EXEMPTIONS) {
  Deno.test(`directTo() exempts loopback and the host when ${when}`, () => {
    assert.deepEqual(directTo(host, env), { NO_PROXY: upper, no_proxy: lower });
  });
}

Deno.test("directToLoopback() exempts every loopback address besides what is exempt already", () => {
  const list = "a,127.0.0.1,localhost,127.0.0.0/8,::1";
  assert.deepEqual(directToLoopback({ no_proxy: "a" }), { NO_PROXY: list, no_proxy: list });
  assert.deepEqual(directToLoopback({ NO_PROXY: "*" }), { NO_PROXY: "*", no_proxy: "*" });
});

const PROXY = "http://proxy.example:3128";
const ROUTES: [url: string, env: Environment, isProxied: boolean][] = [
  ["https://chatgpt.com/backend-api", {}, false],
  ["https://chatgpt.com/backend-api", { HTTPS_PROXY: PROXY }, true],
  ["https://chatgpt.com/backend-api", { https_proxy: PROXY }, true],
  ["https://chatgpt.com/backend-api", { HTTPS_PROXY: "" }, false],
  ["https://chatgpt.com/backend-api", { HTTP_PROXY: PROXY }, false],
  ["https://chatgpt.com/backend-api", { ALL_PROXY: PROXY }, true],
  ["http://127.0.0.1:9/backend-api", { HTTP_PROXY: PROXY }, false],
  ["http://localhost:9/", { http_proxy: PROXY, ALL_PROXY: PROXY }, false],
  ["http://127.9.9.9/", { HTTP_PROXY: PROXY }, false],
  ["http://[::1]:9/", { HTTP_PROXY: PROXY }, false],
  ["http://127.0.0.1.example/", { HTTP_PROXY: PROXY }, true],
  ["https://api.chatgpt.com", { HTTPS_PROXY: PROXY, NO_PROXY: ".ChatGPT.com" }, false],
  ["https://api.chatgpt.com", { HTTPS_PROXY: PROXY, NO_PROXY: "chatgpt.com" }, false],
  ["https://notchatgpt.com", { HTTPS_PROXY: PROXY, NO_PROXY: "chatgpt.com" }, true],
  ["https://chatgpt.com", { HTTPS_PROXY: PROXY, NO_PROXY: "*" }, false],
  ["http://10.1.2.3/", { HTTP_PROXY: PROXY, NO_PROXY: "10.0.0.0/8" }, false],
  ["http://10.1.2.3/", { HTTP_PROXY: PROXY, NO_PROXY: "x,10.1.2.3" }, false],
  ["http://192.168.1.255/", { HTTP_PROXY: PROXY, NO_PROXY: "192.168.1.7/24" }, false],
  ["http://192.168.2.1/", { HTTP_PROXY: PROXY, NO_PROXY: "192.168.1.0/24" }, true],
  ["http://192.168.2.1/", { HTTP_PROXY: PROXY, NO_PROXY: "0.0.0.0/0" }, false],
  ["http://192.168.2.1/", { HTTP_PROXY: PROXY, NO_PROXY: "192.168.2.1/33,192.168.2.1/,a/8" }, true],
  ["http://name.example/", { HTTP_PROXY: PROXY, NO_PROXY: "0.0.0.0/0" }, true],
];

for (const [url, env, expected] of ROUTES) {
  Deno.test(`proxiedOrigin() is ${expected ? "one" : "none"} for ${url} with ${JSON.stringify(env)}`, () => {
    assert.equal(proxiedOrigin(url, env)?.origin, expected ? new URL(url).origin : undefined);
  });
}

const TUNNELS: [variable: string, tunnelUrl: string | undefined][] = [
  ["http://proxy.example:3128", "http://proxy.example:3128/"],
  ["proxy.example:3128", "http://proxy.example:3128/"],
  ["HTTP://user:p%40ss@proxy.example", "http://user:p%40ss@proxy.example/"],
  ["https://proxy.example:3129", undefined],
  ["socks5://proxy.example:1080", undefined],
  ["http://", undefined],
];

for (const [variable, tunnelUrl] of TUNNELS) {
  Deno.test(`proxiedOrigin() opens tunnels at ${tunnelUrl} for ${variable}`, () => {
    const proxied = proxiedOrigin("https://chatgpt.com/backend-api", { HTTPS_PROXY: variable });
    assert.deepEqual(proxied, { origin: "https://chatgpt.com", tunnelUrl });
  });
}

Deno.test("proxyVariable() names the variable that counts", () => {
  const named = (env: Environment) => proxyVariable("https://chatgpt.com", env);
  assert.equal(named({ ALL_PROXY: PROXY, https_proxy: PROXY }), "https_proxy");
  assert.equal(named({ ALL_PROXY: PROXY, NO_PROXY: "chatgpt.com" }), undefined);
});

Deno.test("loopbackProxyVariable() is what other programs would use for this machine", () => {
  assert.equal(loopbackProxyVariable({ HTTP_PROXY: "http://squid" }), "HTTP_PROXY");
  assert.equal(loopbackProxyVariable({ all_proxy: "http://squid", NO_PROXY: "127.0.0.1" }), "all_proxy");
  assert.equal(
    loopbackProxyVariable({ HTTP_PROXY: "http://squid", NO_PROXY: "127.0.0.1,localhost" }),
    undefined,
  );
  assert.equal(loopbackProxyVariable({ HTTPS_PROXY: "http://squid" }), undefined);
});
