import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { isNameHash, nameHash } from "../../src/auth/name_hash.ts";

Deno.test("nameHash() is the beginning of a SHA-256, and another one for another kind", () => {
  const expected = createHash("sha256").update("id\0resp_1234").digest().subarray(0, 16).toString(
    "base64url",
  );
  assert.equal(nameHash("id", "resp_1234"), expected);
  assert.notEqual(nameHash("session", "resp_1234"), expected);
});

Deno.test("isNameHash() knows the form", () => {
  assert.ok(isNameHash(nameHash("session", "größe")));
  for (const text of ["", "resp_1234", "x".repeat(23), "x".repeat(21) + "/"]) {
    assert.ok(!isNameHash(text), text);
  }
});
