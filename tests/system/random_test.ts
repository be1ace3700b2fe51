import assert from "node:assert/strict";
import { randomKey, randomRequestId } from "../../src/system/random.ts";

const COUNT = 1000;

function distinct(make: () => string): Set<string> {
  return new Set(Array.from({ length: COUNT }, make));
}

Deno.test("randomRequestId() is a short id that does not repeat", () => {
  const ids = distinct(randomRequestId);
  assert.equal(ids.size, COUNT);
  for (const id of ids) assert.match(id, /^req_[0-9a-f]{20}$/);
});

Deno.test("randomKey() is base64url of as many bytes as asked for, without padding", () => {
  for (const [byteCount, length] of [[1, 2], [2, 3], [3, 4], [24, 32]] as const) {
    assert.match(randomKey(byteCount), new RegExp(`^[A-Za-z0-9_-]{${length}}$`));
  }
  assert.equal(distinct(() => randomKey(24)).size, COUNT);
});
