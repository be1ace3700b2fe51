import assert from "node:assert/strict";
import { clientPage } from "../../src/api/client_page.ts";
import { received } from "../../src/api/received.ts";

Deno.test("a page without a version or a kind of upstream is not one of a cdx2", () => {
  assert.equal(received(clientPage, { upstream: "chatgpt" }), undefined);
  assert.equal(received(clientPage, { version: "1" }), undefined);
});

Deno.test("what an older or newer cdx2 says is read as far as it goes", () => {
  const page = received(clientPage, { version: "9", upstream: "chatgpt", more: 1 });
  assert.deepEqual([page?.client, page?.keys, page?.usable], [null, 0, false]);
});
