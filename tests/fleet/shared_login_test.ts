import assert from "node:assert/strict";
import type { LoginClaim } from "../../src/credentials/login_claim.ts";
import fc from "fast-check";
import {
  asked,
  claimed,
  handedOver,
  homeOf,
  nextClaim,
  NOBODY,
  published,
  readLogin,
  remembered,
  strongerClaim,
  taken,
  UNKNOWN_LOGIN,
} from "../../src/fleet/shared_login.ts";

const ONE = { memberId: "1", name: "one" };
const TWO = { memberId: "2", name: "two" };

Deno.test("the first claim stays, until its home hands over, gives up, or is passed over", () => {
  const ofOne = claimed(ONE, 10)(UNKNOWN_LOGIN);
  assert.equal(claimed(TWO, 20)(ofOne), ofOne);
  assert.equal(homeOf(taken(TWO, 30)(ofOne))?.name, "two");
  const wish = asked(TWO)(ofOne);
  assert.deepEqual([homeOf(wish)?.name, wish.asker], ["one", TWO]);
  const given = handedOver(ONE, nextClaim(wish, wish.asker!, 40))(wish);
  assert.deepEqual([homeOf(given)?.name, given.claim?.round, given.asker], ["two", 2, undefined]);
  assert.equal(handedOver(ONE, nextClaim(given, ONE, 50))(given), given, "it is not the home any more");
  const left = handedOver(TWO, nextClaim(given, NOBODY, 60))(given);
  assert.equal(homeOf(left), undefined);
  assert.equal(remembered(ofOne.claim!)(left), left, "an old claim does not come back");
});

Deno.test("only the home tells its token, and each once", () => {
  const ofOne = claimed(ONE, 10)(UNKNOWN_LOGIN);
  assert.equal(published(TWO, "t")(ofOne), ofOne);
  const told = published(ONE, "t")({ ...ofOne, wanted: "w" });
  assert.deepEqual([told.access, told.wanted], ["t", undefined]);
  assert.equal(published(ONE, "t")(told), told);
});

Deno.test("members agree on a claim, in whatever order they meet them", () => {
  const claim: fc.Arbitrary<LoginClaim> = fc.record({
    memberId: fc.constantFrom("", "1", "2"),
    name: fc.constant("n"),
    sinceMs: fc.nat({ max: 3 }),
    round: fc.nat({ max: 3 }),
  }, { noNullPrototype: true });
  fc.assert(
    fc.property(claim, claim, claim, (a, b, c) => {
      assert.deepEqual(strongerClaim(a, b), strongerClaim(b, a));
      assert.deepEqual(strongerClaim(strongerClaim(a, b), c), strongerClaim(a, strongerClaim(b, c)));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("readLogin() reads what a member wrote, and nothing that is not whole", () => {
  const login = published(ONE, "t")(claimed(ONE, 10)(UNKNOWN_LOGIN));
  assert.deepEqual(readLogin(JSON.parse(JSON.stringify(login))), login);
  for (
    const value of [undefined, [], { ...login, claim: {} }, { ...login, newestMs: "1" }, {
      ...login,
      seenMs: null,
    }]
  ) {
    assert.equal(readLogin(value), undefined);
  }
});
