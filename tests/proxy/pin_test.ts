import assert from "node:assert/strict";
import { pinnedBaseUrl, pinnedKey, withoutPin } from "../../src/proxy/pin.ts";

/** `[path, the path without a key, the key]` */
const PATHS: [path: string, rest: string, key: string | undefined][] = [
  ["/v1/responses", "/v1/responses", undefined],
  ["/cdx2-key/work/v1/responses", "/v1/responses", "work"],
  ["/cdx2-key/ann@example.com/responses", "/responses", "ann@example.com"],
  ["/cdx2-key/my%20key.json/x", "/x", "my key.json"],
  ["/cdx2-key/b%C3%BCro.json/x", "/x", "büro.json"],
  ["/cdx2-key/100%/x", "/x", "100%"],
  ["/cdx2-key/work", "/", "work"],
  ["/cdx2-key/work/", "/", "work"],
  ["/cdx2-key/", "/cdx2-key/", undefined],
  ["/cdx2-keys/work/x", "/cdx2-keys/work/x", undefined],
  ["/v1/cdx2-key/work/x", "/v1/cdx2-key/work/x", undefined],
];

for (const [path, rest, key] of PATHS) {
  Deno.test(`withoutPin() finds ${key === undefined ? "no key" : `the key ${key}`} in ${path}`, () => {
    const found = withoutPin(path, new Headers({ accept: "x" }));
    assert.deepEqual([found.path, pinnedKey(found.headers)], [rest, key]);
    assert.equal(found.headers.get("accept"), "x");
  });
}

Deno.test("pinnedKey() reads the header, and an empty one says nothing", () => {
  assert.equal(pinnedKey(new Headers({ "x-cdx2-key": " work " })), "work");
  assert.equal(pinnedKey(new Headers({ "x-cdx2-key": "" })), undefined);
  assert.equal(pinnedKey(new Headers()), undefined);
});

Deno.test("pinnedBaseUrl() can be read back", () => {
  for (const file of ["work.json", "my key.json", "büro.json", "a%b.json", "a#b?.json"]) {
    const url = new URL(`${pinnedBaseUrl("http://127.0.0.1:1", file)}/v1/responses`);
    const { path, headers } = withoutPin(url.pathname, new Headers());
    assert.deepEqual([path, pinnedKey(headers)], ["/v1/responses", file]);
  }
});
