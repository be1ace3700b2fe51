import assert from "node:assert/strict";
import { hashOfClientKey } from "../../src/config/client_keys.ts";
import { clientNameOf } from "../../src/proxy/clients.ts";

const KEYS = ["ci", "laptop"].map((name) => ({
  name,
  sha256: hashOfClientKey(`cdx2-${name}`),
  createdAt: "2026-11-25T00:00:00Z",
}));

/** `[headers, the client]` */
const REQUESTS: readonly [Record<string, string>, string | undefined][] = [
  [{ authorization: "Bearer cdx2-ci" }, "ci"],
  [{ authorization: "bearer   cdx2-laptop" }, "laptop"],
  [{ "x-api-key": "cdx2-laptop" }, "laptop"],
  [{ "x-api-key": "cdx2-laptop", authorization: "Bearer its.own.login" }, "laptop"],
  [{ "x-api-key": "wrong", authorization: "Bearer cdx2-ci" }, "ci"],
  [{}, undefined],
  [{ "x-api-key": "" }, undefined],
  [{ authorization: "Bearer " }, undefined],
  [{ authorization: "Basic cdx2-ci" }, undefined],
  [{ authorization: "cdx2-ci" }, undefined],
  [{ authorization: "Bearer cdx2-c" }, undefined],
  [{ authorization: "Bearer cdx2-ci2" }, undefined],
  [{ authorization: "Bearer CDX2-CI" }, undefined],
  [{ authorization: `Bearer ${KEYS[0]!.sha256}` }, undefined],
];
for (const [headers, client] of REQUESTS) {
  Deno.test(`${JSON.stringify(headers)} is from ${client ?? "nobody known"}`, () => {
    assert.equal(clientNameOf(new Headers(headers), KEYS), client);
    assert.equal(clientNameOf(new Headers(headers), []), undefined);
  });
}
