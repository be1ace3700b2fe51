import assert from "node:assert/strict";
import { isSameKey, refusalByOrigin } from "../../src/proxy/guard.ts";

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
    assert.equal(refusalByOrigin(new Headers(headers), boundHost) === undefined, isLetIn);
  });
}

Deno.test("isSameKey() accepts the key and nothing else", () => {
  assert.ok(isSameKey("kéy-1234", "kéy-1234"));
  for (const other of [null, "", "kéy-123", "kéy-12345", "kéy-1235", "KÉY-1234"]) {
    assert.ok(!isSameKey(other, "kéy-1234"), String(other));
  }
});
