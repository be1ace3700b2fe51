import assert from "node:assert/strict";
import { checkShared } from "../../../src/cli/doctor/shared_check.ts";
import { aShared } from "../../support/shared.ts";

const NOW = Date.parse("2027-01-15T08:00:00.000Z");
const login = {
  file: "work.json",
  home: "build-1",
  here: false,
  there: false,
  seen_at: "2027-01-13T08:00:00.000Z",
  token_expires_at: "2027-01-21T08:00:00.000Z",
};

Deno.test("a home that is off is named with its last sign, the end of the token, and what to type", () => {
  const found = checkShared(aShared({ logins: [login] }), NOW)!;
  assert.equal(found.status, "warn");
  assert.match(found.message, /work\.json: its home build-1 was last seen 2d .*ago, its token expires in 6d/);
  assert.match(found.hint!, /start the home again, or run "cdx2 pool home work"/);
});

Deno.test("a login without a home is told of; one whose home is there, or was a moment ago, is not", () => {
  const without = { ...login, home: null, seen_at: null };
  assert.match(checkShared(aShared({ logins: [without] }), NOW)!.message, /no member renews its login yet/);
  const well = [{ ...login, there: true }, { ...login, here: true }, {
    ...login,
    seen_at: "2027-01-15T07:58:00.000Z",
  }];
  for (const one of well) assert.equal(checkShared(aShared({ logins: [one] }), NOW)!.status, "ok");
});

Deno.test("a pool that is well is told with the clock, the homes, and who found a verdict", () => {
  const well = aShared({ logins: [{ ...login, there: true }], clock_off_ms: -120 });
  const { status, message } = checkShared(well, NOW)!;
  assert.equal(status, "ok");
  assert.match(
    message,
    /; this machine's clock is 120 ?ms fast; 1 login renewed: 1 by build-1; a\.json found by build-1$/,
  );
});

Deno.test("a copied state folder is told of, and without a pool nothing is", () => {
  assert.match(checkShared(aShared({ twin: "build-2" }), NOW)!.message, /build-2 has a copy/);
  assert.equal(checkShared(null, NOW), undefined);
});
