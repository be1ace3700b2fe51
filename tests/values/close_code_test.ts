import assert from "node:assert/strict";
import { mayBeSent } from "../../src/values/close_code.ts";

Deno.test("mayBeSent() knows the codes that close frames hold", () => {
  const codes = [999, 1000, 1003, 1004, 1005, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000];
  assert.deepEqual(codes.filter(mayBeSent), [1000, 1003, 1007, 1014, 3000, 4999]);
});
