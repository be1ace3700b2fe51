import assert from "node:assert/strict";
import { isLoopbackHost, serviceUrl } from "../../src/config/address.ts";

Deno.test("isLoopbackHost() knows this machine's own addresses", () => {
  const own = ["127.0.0.1", "127.8.9.10", "::1", "localhost"];
  const others = ["0.0.0.0", "::", "128.0.0.1", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1"];
  assert.deepEqual([...own, ...others].filter(isLoopbackHost), own);
});

const URLS: readonly [string, string][] = [
  ["127.0.0.1", "http://127.0.0.1:80"],
  ["0.0.0.0", "http://127.0.0.1:80"],
  ["::", "http://[::1]:80"],
  ["::1", "http://[::1]:80"],
  ["localhost", "http://localhost:80"],
];

for (const [host, url] of URLS) {
  Deno.test(`serviceUrl() reaches a service on ${host} at ${url}`, () => {
    assert.equal(serviceUrl(host, 80), url);
  });
}
