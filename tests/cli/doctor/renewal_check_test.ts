import assert from "node:assert/strict";
import { checkRenewal } from "../../../src/cli/doctor/renewal_check.ts";
import { aStanding, NOW_MS } from "../../support/doctor_facts.ts";

Deno.test("checkRenewal() says who renews the keys", () => {
  const renewals = [
    aStanding("a.json"),
    aStanding("b.json", { by: "codex" }),
    aStanding("c.json", { by: undefined, reason: "an API key does not expire" }),
    aStanding("d.json", { by: undefined, reason: "its file holds no refresh token" }),
    aStanding("e.json", { by: undefined, reason: "an API key does not expire" }),
  ];
  assert.deepEqual(checkRenewal({ renewals, nowMs: NOW_MS }), {
    status: "ok",
    message: "cdx2 renews 1 of 5 keys; Codex renews b.json; " +
      "nobody renews c.json, e.json (each: an API key does not expire), d.json (its file holds no refresh token)",
    hint: null,
  });
  assert.equal(checkRenewal({ renewals: [], nowMs: NOW_MS }), undefined);
});

Deno.test("checkRenewal() warns of the keys that need the user, and names the commands", () => {
  const dead = {
    by: undefined,
    reason: "the issuer has refused its refresh token",
    warning: "the issuer has refused its refresh token",
    fix: "cdx2 auth login --replace a",
  };
  const renewals = [aStanding("a.json", dead), aStanding("b.json")];
  assert.deepEqual(checkRenewal({ renewals, nowMs: NOW_MS }), {
    status: "warn",
    message:
      "a.json: the issuer has refused its refresh token, its token expires in 5h; cdx2 renews 1 of 2 keys; " +
      "nobody renews a.json (the issuer has refused its refresh token)",
    hint: 'run "cdx2 auth login --replace a"',
  });
  const failing = [
    aStanding("a.json", { warning: "its renewal failed: status 500", endsAtMs: NOW_MS - 60_000 }),
  ];
  assert.deepEqual(checkRenewal({ renewals: failing, nowMs: NOW_MS }), {
    status: "warn",
    message: "a.json: its renewal failed: status 500, its token expired 1m ago; cdx2 renews 1 of 1 key",
    hint: "it is tried again by itself",
  });
});
