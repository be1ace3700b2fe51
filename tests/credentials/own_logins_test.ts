import assert from "node:assert/strict";
import { filesWithOwnLogin } from "../../src/credentials/own_logins.ts";
import { CODEX_FILE, RenewalWorld } from "../support/renewal_world.ts";

const ISSUER = { oauth_provenance: { issuer: "https://other.example" } };

Deno.test("filesWithOwnLogin() names the keys whose refresh token is nowhere else", async () => {
  const world = new RenewalWorld();
  world.put({ account: "a2", refreshToken: "rt_2", moreTokens: ISSUER }, "/keys/other-issuer.json");
  world.put({ account: "a3", refreshToken: "" }, "/keys/borrowed.json");
  world.put({ account: "a4", refreshToken: "rt_4" }, "/keys/codexs.json");
  world.put({ account: "a4", refreshToken: "rt_4" }, CODEX_FILE);
  world.files.put("/keys/lab.json", '{"OPENAI_API_KEY":"sk-1"}');
  assert.deepEqual(await filesWithOwnLogin(world.deps(), "/keys"), ["other-issuer.json", "work.json"]);
});

Deno.test("filesWithOwnLogin() leaves out a login whose refresh token the issuer has refused", async () => {
  const world = new RenewalWorld();
  world.faults = [() => Response.json({ error: { code: "refresh_token_expired" } }, { status: 401 })];
  await world.renew();
  assert.deepEqual(await filesWithOwnLogin(world.deps(), "/keys"), []);
});
