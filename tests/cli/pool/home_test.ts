import assert from "node:assert/strict";
import { homeLine } from "../../../src/cli/pool/home.ts";
import { UserError } from "../../../src/values/user_error.ts";

const refusals: readonly (readonly [string, RegExp, RegExp])[] = [
  ["no_pool", /shares no pool/, /CLIPROXY_SHARED/],
  ["no_key", /no such key/, /auth list/],
  ["no_login", /whose login/, /have a home/],
  ["not_permitted", /may not renew/, /CI system/],
  ["no_copy", /no refresh token/, /cdx2 auth login --replace work/],
  ["old_copy", /used up/, /cdx2 auth login --replace work.*build-1/],
  ["unreachable", /engine/, /cdx2 pool/],
  ["away", /build-1 renews it and is off/, /cdx2 pool home work --force/],
  ["no_answer", /build-1 does not answer/, /hands the login over/],
];

Deno.test("homeLine() says what has become of the home, or why nothing has and what to type", () => {
  assert.match(
    homeLine({ file: "work.json", outcome: "moved", home: null }),
    /renews work\.json .* from now on/,
  );
  assert.match(homeLine({ file: "work.json", outcome: "is_home", home: null }), /already/);
  for (const [outcome, message, hint] of refusals) {
    assert.throws(() => homeLine({ file: "work.json", outcome, home: "build-1" }), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      assert.match(error.hint!, hint);
      return true;
    });
  }
});
