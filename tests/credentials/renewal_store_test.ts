import assert from "node:assert/strict";
import { heldLogin } from "../../src/credentials/held_login.ts";
import { type NewTokens, storeTokens, withTokens } from "../../src/credentials/renewal_store.ts";
import { Secret } from "../../src/values/secret.ts";
import { T0 } from "../support/builders.ts";
import { accessToken, aLogin, loginFile } from "../support/logins.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const NEW: NewTokens = {
  accessToken: new Secret("new-access"),
  refreshToken: new Secret("new-refresh"),
  idToken: new Secret("new-id"),
  expiresAtMs: T0 + 1000,
};
const placeOf = (files: MemoryFiles) => ({ files, clock: new FakeClock(), authDir: "/keys" });
const NOW = new Date(T0).toISOString();

/** `[what, file, file with the new tokens]` */
const SHAPES: readonly [string, object, object][] = [
  [
    "Codex's file",
    {
      auth_mode: "chatgpt",
      tokens: { id_token: "i", access_token: "a", refresh_token: "r", x: 1 },
      last_refresh: "l",
    },
    {
      auth_mode: "chatgpt",
      tokens: { id_token: "new-id", access_token: "new-access", refresh_token: "new-refresh", x: 1 },
      last_refresh: NOW,
    },
  ],
  [
    "a flat file",
    { access_token: "a", refresh_token: "r" },
    { access_token: "new-access", refresh_token: "new-refresh" },
  ],
  [
    "a CPA file",
    { id_token: "i", access_token: "a", refresh_token: "r", last_refresh: "l", type: "codex", expired: "e" },
    {
      id_token: "new-id",
      access_token: "new-access",
      refresh_token: "new-refresh",
      last_refresh: NOW,
      type: "codex",
      expired: new Date(T0 + 1000).toISOString(),
    },
  ],
];

for (const [what, before, after] of SHAPES) {
  Deno.test(`withTokens() keeps the shape of ${what}`, () => {
    const text = JSON.stringify(before, null, 2);
    const place = heldLogin(text)!.place;
    assert.equal(withTokens(text, { place }, { tokens: NEW, nowMs: T0 }), JSON.stringify(after, null, 2));
  });
}

Deno.test("withTokens() keeps what the answer did not replace", () => {
  const tokens = { ...NEW, refreshToken: undefined, idToken: undefined };
  const login = heldLogin(withTokens(loginFile(), { place: "tokens" }, { tokens, nowMs: T0 })!)!;
  assert.equal(login.refreshToken?.reveal(), "rt_1");
  assert.equal(login.line.email, "ann@example.com");
});

Deno.test("storeTokens() writes only while the file holds the tokens that are replaced", async () => {
  const path = "/keys/work.json";
  const options = { before: aLogin(), tokens: NEW, nowMs: T0 };
  for (
    const other of ["{", "{}", loginFile({ refreshToken: "rt_2" }), loginFile({ refreshToken: undefined })]
  ) {
    const files = new MemoryFiles({ [path]: other });
    assert.equal(await storeTokens(placeOf(files), path, options), false);
    assert.equal(files.text(path), other);
  }
  const files = new MemoryFiles({ [path]: loginFile() });
  assert.equal(await storeTokens(placeOf(files), path, options), true);
  assert.equal(heldLogin(files.text(path)!)!.refreshToken?.reveal(), "new-refresh");
});

Deno.test("storeTokens() compares access tokens where there is no refresh token", async () => {
  const path = "/keys/work.json";
  const borrowed = { refreshToken: undefined };
  const files = new MemoryFiles({ [path]: loginFile({ ...borrowed, issuedAtMs: T0 }) });
  const tokens = {
    ...NEW,
    accessToken: new Secret(accessToken({ issuedAtMs: T0 + 1000 })),
    refreshToken: undefined,
  };
  assert.equal(
    await storeTokens(placeOf(files), path, { before: aLogin(borrowed), tokens, nowMs: T0 }),
    false,
  );
  const before = aLogin({ ...borrowed, issuedAtMs: T0 });
  assert.equal(await storeTokens(placeOf(files), path, { before, tokens, nowMs: T0 }), true);
  assert.equal(heldLogin(files.text(path)!)!.refreshToken, undefined);
});
