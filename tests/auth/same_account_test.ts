import assert from "node:assert/strict";
import fc from "fast-check";
import { type Identity, isSameAccount } from "../../src/auth/same_account.ts";
import { Secret } from "../../src/values/secret.ts";

let tokens = 0;

/** A login with a token of its own, unless it is given one. */
function anIdentity(accountId?: string, email?: string, token = `token ${++tokens}`): Identity {
  return { accountId, email, token: new Secret(token) };
}

/** `[what, one, the other, the same account?]` */
const PAIRS: [string, Identity, Identity, boolean][] = [
  ["logins of one account", anIdentity("1", "ann@x"), anIdentity("1", "ann@x"), true],
  ["e-mails in another case", anIdentity("1", "ann@x"), anIdentity("1", "Ann@X"), true],
  ["one e-mail in two workspaces", anIdentity("1", "ann@x"), anIdentity("2", "ann@x"), false],
  ["two members of one workspace", anIdentity("1", "ann@x"), anIdentity("1", "bob@x"), false],
  ["one account id, one without e-mail", anIdentity("1", "ann@x"), anIdentity("1"), true],
  ["one account id, both without e-mail", anIdentity("1"), anIdentity("1"), true],
  ["two account ids, both without e-mail", anIdentity("1"), anIdentity("2"), false],
  ["one e-mail, one without account id", anIdentity("1", "ann@x"), anIdentity(undefined, "ann@x"), true],
  ["two e-mails, one without account id", anIdentity("1", "ann@x"), anIdentity(undefined, "bob@x"), false],
  ["an account id and an e-mail", anIdentity("1"), anIdentity(undefined, "ann@x"), false],
  ["API keys, which name nothing", anIdentity(), anIdentity(), false],
  ["the same API key", anIdentity(undefined, undefined, "sk"), anIdentity(undefined, undefined, "sk"), true],
  ["one token with other names", anIdentity("1", "ann@x", "t"), anIdentity("2", "bob@x", "t"), true],
];

for (const [what, one, other, expected] of PAIRS) {
  Deno.test(`isSameAccount() is ${expected} for ${what}`, () => {
    assert.equal(isSameAccount(one, other), expected);
    assert.equal(isSameAccount(other, one), expected);
  });
}

const identities: fc.Arbitrary<Identity> = fc.record({
  token: fc.constantFrom("t1", "t2", "t3").map((text) => new Secret(text)),
  accountId: fc.constantFrom(undefined, "1", "2"),
  email: fc.constantFrom(undefined, "a@x", "A@x", "b@x"),
});

Deno.test("isSameAccount() is symmetric, and true for a login and itself", () => {
  fc.assert(fc.property(identities, identities, (one, other) => {
    assert.equal(isSameAccount(one, other), isSameAccount(other, one));
    assert.ok(isSameAccount(one, one));
  }));
});

Deno.test("isSameAccount() is never true for other tokens with a name that differs", () => {
  fc.assert(fc.property(identities, identities, (one, other) => {
    fc.pre(!one.token.equals(other.token) && isSameAccount(one, other));
    assert.ok(
      one.accountId === undefined || other.accountId === undefined || one.accountId === other.accountId,
    );
    const [mail, otherMail] = [one.email?.toLowerCase(), other.email?.toLowerCase()];
    assert.ok(mail === undefined || otherMail === undefined || mail === otherMail);
  }));
});
