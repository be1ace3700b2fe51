import assert from "node:assert/strict";
import { readVersion } from "../../src/runtime/schema_version.ts";

Deno.test("readVersion() reads an object of the expected version, whatever else is in it", () => {
  assert.deepEqual(readVersion('{ "$schema_version": 2, "a": [1] }', 2), {
    kind: "read",
    value: { $schema_version: 2, a: [1] },
  });
});

for (
  const [text, reason] of [
    ["", "it is not a JSON object"],
    ["[2]", "it is not a JSON object"],
    ["{}", "it has version none, not 2"],
    ['{ "$schema_version": 1 }', "it has version 1, not 2"],
    ['{ "$schema_version": "2" }', "it has version 2, not 2"],
    ['{ "$schema_version": { "toString": 0 } }', "it has version none, not 2"],
  ] as const
) {
  Deno.test(`readVersion() refuses ${text || "an empty text"}`, () => {
    assert.deepEqual(readVersion(text, 2), { kind: "unusable", reason });
  });
}
