import assert from "node:assert/strict";
import { LOGIN_SETTINGS } from "../../src/config/login_settings.ts";

Deno.test("LOGIN_SETTINGS keep an issuer without a slash at its end", () => {
  assert.equal(LOGIN_SETTINGS.issuer.parse("https://login.example/", PLACE), "https://login.example");
  assert.equal(LOGIN_SETTINGS.issuer.parse("https://login.example/?a=1", PLACE), undefined);
});

Deno.test("LOGIN_SETTINGS take as a client id only what a form and a URL can carry", () => {
  assert.equal(LOGIN_SETTINGS.clientId.parse("app_1-a.b", PLACE), "app_1-a.b");
  for (const bad of ["", "two words", "a\nb", "ä"]) {
    assert.equal(LOGIN_SETTINGS.clientId.parse(bad, PLACE), undefined, bad);
  }
});

const PLACE = { homeFolder: "/home/ann", cwd: "/" };
