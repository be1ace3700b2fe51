import assert from "node:assert/strict";
import { credentialKind } from "../../src/auth/credential_kind.ts";
import { Secret } from "../../src/values/secret.ts";

for (
  const [token, kind] of [
    ["sk-proj-1", "api_key"],
    ["at-1", "personal_token"],
    ["eyJhbGciOi.x.y", "login"],
    ["anything", "login"],
  ] as const
) {
  Deno.test(`credentialKind() of ${token} is ${kind}`, () => {
    assert.equal(credentialKind(new Secret(token)), kind);
  });
}
