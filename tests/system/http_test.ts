// What a failure of the network is called.

import assert from "node:assert/strict";
import { reasonOf } from "../../src/system/http.ts";

Deno.test("reasonOf() says in a few words that a name does not resolve", () => {
  const reason = "failed to lookup address information: Name or service not known";
  const error = new TypeError(`client error (Connect): dns error: ${reason}`);
  assert.equal(reasonOf(error), "name or service not known");
});
