import assert from "node:assert/strict";
import { fingerprint } from "../../src/auth/fingerprint.ts";
import { Secret } from "../../src/values/secret.ts";

Deno.test("fingerprint() is the SHA-256 of the token", () => {
  // The test vector "abc" of FIPS 180-2, appendix B.1.
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(fingerprint(new Secret("abc")), expected);
});
