import assert from "node:assert/strict";
import { isOwnPath, pageFor } from "../../src/proxy/own_pages.ts";
import { looksKnown } from "../../src/proxy/lookalike.ts";
import { aQuestion } from "../support/client_request.ts";

/** `[path, whether it is one of ours, whether it only looks like one]` */
const PATHS: readonly [string, boolean, boolean][] = [
  ["/cdx2/client", true, false],
  ["/debug", true, false],
  ["/CDX2/client", false, true],
  ["//cdx2/client/", false, true],
  ["/cdx2%2fclient", false, true],
  ["/cdx2/clients", false, false],
  ["/v1/responses", false, false],
];
for (const [path, isOwn, isLookalike] of PATHS) {
  Deno.test(`isOwnPath() says ${isOwn} of ${path}`, () => {
    assert.deepEqual([isOwnPath(path), looksKnown(path, isOwnPath)], [isOwn, isLookalike]);
  });
}

Deno.test("the page for a client carries the id by which it is known as ours", async () => {
  const page = {
    client: "ann",
    version: "0.1.0",
    upstream: "chatgpt" as const,
    takes_compressed: true,
    websocket: true,
    keys: 2,
    usable: true,
  };
  const answer = pageFor(aQuestion("/cdx2/client"), page);
  assert.equal(answer.headers.get("x-cdx2-request-id"), "req_1");
  assert.deepEqual(await answer.json(), page);
});
