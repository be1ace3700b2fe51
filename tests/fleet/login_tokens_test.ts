import assert from "node:assert/strict";
import { loginId } from "../../src/credentials/login_id.ts";
import { LoginTokens } from "../../src/fleet/login_tokens.ts";
import { Secret } from "../../src/values/secret.ts";
import { jwt } from "../support/jwt.ts";

function tokenOf(user: string, iat: number): string {
  return jwt({ iat, "https://api.openai.com/auth": { chatgpt_account_id: "a", chatgpt_user_id: user } });
}

Deno.test("a key takes a newer token of its login only, as the same object each time", () => {
  const key = { token: new Secret(tokenOf("u", 100)), accountId: "a" };
  const login = loginId(key)!;
  const tokens = new LoginTokens();
  const newer = (access: string | undefined) => tokens.newerOf(login, { access }, key);
  assert.equal(newer(tokenOf("u", 200))?.reveal(), tokenOf("u", 200));
  assert.equal(newer(tokenOf("u", 200)), newer(tokenOf("u", 200)));
  for (const other of [undefined, tokenOf("u", 100), tokenOf("u", 50), tokenOf("other", 200), "sk-1"]) {
    assert.equal(newer(other), undefined);
  }
});
