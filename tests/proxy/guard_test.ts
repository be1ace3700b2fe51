import assert from "node:assert/strict";
import { allowedOrigin, isSameKey, refusalByOrigin } from "../../src/proxy/guard.ts";

/** `[what, headers, bound host, let in]` */
const REQUESTS: [string, Record<string, string>, string, boolean][] = [
  ["127.0.0.1", { host: "127.0.0.1:8317" }, "127.0.0.1", true],
  ["another loopback address", { host: "127.9.9.9:8317" }, "127.0.0.1", true],
  ["localhost", { host: "LOCALHOST:8317" }, "127.0.0.1", true],
  ["localhost behind a forwarded port", { host: "localhost:9999" }, "127.0.0.1", true],
  ["IPv6 loopback", { host: "[::1]:8317" }, "127.0.0.1", true],
  ["the bound address", { host: "192.168.1.5:8317" }, "192.168.1.5", true],
  ["any address when bound to all", { host: "10.0.0.7:8317" }, "0.0.0.0", true],
  ["any IPv6 address when bound to all", { host: "[fd00::7]:8317" }, "::", true],
  ["no Host", {}, "127.0.0.1", false],
  ["a name that a page made resolve here", { host: "evil.example:8317" }, "127.0.0.1", false],
  ["such a name when bound to all", { host: "evil.example:8317" }, "0.0.0.0", false],
  ["a name like an address when bound to all", { host: "10.0.0.7.8:8317" }, "0.0.0.0", false],
  ["one with a part too many digits", { host: "10.0.0.7777" }, "0.0.0.0", false],
  ["one that begins so", { host: "1000.0.0.7" }, "0.0.0.0", false],
  ["one with too few parts", { host: "10.0.7" }, "0.0.0.0", false],
  ["the shortest address when bound to all", { host: "8.8.8.8" }, "0.0.0.0", true],
  ["the longest address when bound to all", { host: "192.168.100.200:8317" }, "0.0.0.0", true],
  ["any address when bound to one", { host: "10.0.0.7:8317" }, "192.168.1.5", false],
  [
    "a page of the bound address",
    { host: "localhost:1", origin: "http://192.168.1.5:1" },
    "192.168.1.5",
    true,
  ],
  [
    "a page of the address it asks for, bound to all",
    {
      host: "10.0.0.7:1",
      origin: "http://10.0.0.7:1",
    },
    "0.0.0.0",
    true,
  ],
  [
    "a page of another address, bound to all",
    { host: "10.0.0.7:1", origin: "http://10.0.0.8:1" },
    "0.0.0.0",
    false,
  ],
  [
    "a page of another address, bound to one",
    { host: "10.0.0.7:1", origin: "http://10.0.0.7:1" },
    "10.0.0.8",
    false,
  ],
  ["a name that begins like loopback", { host: "127.0.0.1.evil.example" }, "127.0.0.1", false],
  ["a name that ends like localhost", { host: "evil-localhost" }, "127.0.0.1", false],
  ["another address", { host: "192.168.1.6:8317" }, "192.168.1.5", false],
  ["a page on this machine", { host: "localhost:1", origin: "http://localhost:3000" }, "127.0.0.1", true],
  ["a page elsewhere", { host: "localhost:1", origin: "https://evil.example" }, "127.0.0.1", false],
  ["a sandboxed page", { host: "localhost:1", origin: "null" }, "127.0.0.1", false],
  ["a cross-site image", { host: "localhost:1", "sec-fetch-site": "cross-site" }, "127.0.0.1", false],
  ["a typed address", { host: "localhost:1", "sec-fetch-site": "none" }, "127.0.0.1", true],
];

for (const [what, headers, boundHost, isLetIn] of REQUESTS) {
  Deno.test(`refusalByOrigin() ${isLetIn ? "lets in" : "refuses"} ${what} (bound to ${boundHost})`, () => {
    const known = { host: boundHost, allowedHosts: [], allowedOrigins: [] };
    assert.equal(refusalByOrigin(new Headers(headers), known) === undefined, isLetIn);
  });
}

const NAMED = {
  host: "127.0.0.1",
  allowedHosts: ["host.docker.internal", "192.168.1.7", "fd00::7"],
  allowedOrigins: ["app://obsidian.md", "https://app.example:8443"],
};

/** `[what, headers, what the refusal names]`: `undefined` lets it in. */
const NAMED_REQUESTS: [string, Record<string, string>, string | undefined][] = [
  ["a named host", { host: "host.docker.internal:8317" }, undefined],
  ["a named host in another case, without a port", { host: "Host.Docker.Internal" }, undefined],
  ["a named address", { host: "192.168.1.7:8317" }, undefined],
  ["a named IPv6 address", { host: "[fd00::7]:8317" }, undefined],
  ["a host below a named one", { host: "x.host.docker.internal" }, '"x.host.docker.internal"'],
  ["a host that only ends like a named one", { host: "xhost.docker.internal" }, "CLIPROXY_ALLOWED_HOSTS"],
  ["a named app", { host: "localhost:1", origin: "app://obsidian.md" }, undefined],
  [
    "a named page, which is cross-site",
    { host: "localhost:1", origin: "https://app.example:8443", "sec-fetch-site": "cross-site" },
    undefined,
  ],
  ["a named page in another case", { host: "localhost:1", origin: "HTTPS://App.example:8443" }, undefined],
  [
    "a named page at another port",
    { host: "localhost:1", origin: "https://app.example" },
    '"https://app.example"',
  ],
  [
    "a named page by another scheme",
    { host: "localhost:1", origin: "http://app.example:8443" },
    "CLIPROXY_ALLOWED_ORIGINS",
  ],
  ["another app", { host: "localhost:1", origin: "app://other.md" }, '"app://other.md"'],
  [
    "a page of a named host",
    { host: "localhost:1", origin: "http://host.docker.internal" },
    "CLIPROXY_ALLOWED_ORIGINS",
  ],
  [
    "a named page under a strange host",
    { host: "evil.example", origin: "app://obsidian.md" },
    '"evil.example"',
  ],
  [
    "a page of this machine that a browser calls cross-site",
    { host: "127.0.0.1:1", origin: "http://localhost:3000", "sec-fetch-site": "cross-site" },
    undefined,
  ],
  ["a sandboxed page", { host: "localhost:1", origin: "null" }, '"null"'],
];

for (const [what, headers, named] of NAMED_REQUESTS) {
  Deno.test(`refusalByOrigin() ${named === undefined ? "lets in" : "refuses and names"} ${what}`, () => {
    const reason = refusalByOrigin(new Headers(headers), NAMED);
    if (named === undefined) assert.equal(reason, undefined);
    else assert.ok(reason?.includes(named), reason);
  });
}

Deno.test("a refusal repeats neither control characters nor a long value in full", () => {
  const host = `a\u00e9${"b".repeat(500)}`;
  const reason = refusalByOrigin(new Headers({ host }), NAMED) ?? "";
  assert.match(reason, /"a\?b{98}"/);
});

Deno.test("allowedOrigin() is that of the request, only when the settings name it", () => {
  assert.equal(allowedOrigin(new Headers({ origin: "app://Obsidian.md" }), NAMED), "app://Obsidian.md");
  assert.equal(allowedOrigin(new Headers({ origin: "http://localhost:3000" }), NAMED), undefined);
  assert.equal(allowedOrigin(new Headers(), NAMED), undefined);
});

Deno.test("isSameKey() accepts the key and nothing else", () => {
  assert.ok(isSameKey("kéy-1234", "kéy-1234"));
  for (const other of [null, "", "kéy-123", "kéy-12345", "kéy-1235", "KÉY-1234"]) {
    assert.ok(!isSameKey(other, "kéy-1234"), String(other));
  }
});

Deno.test("a request without Host is told what is missing", () => {
  const told = "it has no Host header, which every request of HTTP/1.1 has";
  assert.equal(refusalByOrigin(new Headers(), NAMED), told);
});
