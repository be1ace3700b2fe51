import assert from "node:assert/strict";
import { readClaim, readLoginMember } from "../../src/credentials/login_claim.ts";

const CLAIM = { memberId: "me", name: "one", sinceMs: 1, round: 2 };

Deno.test("a claim is read whole or not at all, and without what else there is", () => {
  assert.deepEqual(readClaim({ ...CLAIM, more: true }), CLAIM);
  for (const field of Object.keys(CLAIM)) {
    assert.equal(readClaim({ ...CLAIM, [field]: null }), undefined, field);
  }
  for (const value of [undefined, null, "", [], {}]) assert.equal(readClaim(value), undefined);
});

Deno.test("the name of a claim can be shown everywhere", () => {
  assert.equal(readClaim({ ...CLAIM, name: "a\nb" })?.name, "a?b");
});

Deno.test("a member has an id and a name", () => {
  assert.deepEqual(readLoginMember(CLAIM), { memberId: "me", name: "one" });
  for (const value of [undefined, [], {}, { memberId: "me" }, { name: "one" }]) {
    assert.equal(readLoginMember(value), undefined);
  }
});
