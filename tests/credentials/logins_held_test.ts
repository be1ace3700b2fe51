import assert from "node:assert/strict";
import { loginId } from "../../src/credentials/login_id.ts";
import { loginsHeld } from "../../src/credentials/logins_held.ts";
import { heldLogin } from "../../src/credentials/held_login.ts";
import { Secret } from "../../src/values/secret.ts";
import { aRecord } from "../support/builders.ts";
import { jwt } from "../support/jwt.ts";

Deno.test("loginsHeld() names each login with its generation, and whether this machine could renew it", () => {
  const token = jwt({
    "https://api.openai.com/auth": { chatgpt_account_id: "a", chatgpt_user_id: "u" },
    iat: 100,
  });
  const keyWith = (file: string, refresh_token: string | undefined) => ({
    record: aRecord(file, { token: new Secret(token), accountId: "a" }),
    path: `/auths/${file}.json`,
    login: heldLogin(JSON.stringify({ tokens: { access_token: token, refresh_token, account_id: "a" } })),
    links: 1,
    mark: undefined,
    successor: undefined,
    home: { kind: "elsewhere", name: "one" } as const,
  });
  const facts = { isOn: true, issuer: "https://auth.openai.com", codex: undefined };
  const login = loginId({ token: new Secret(token), accountId: "a" })!;
  const heldBy = (refresh: string | undefined) => loginsHeld({ ...facts, keys: [keyWith("k", refresh)] });
  assert.deepEqual(heldBy("rt"), [{ login, isRenewable: true, generationMs: 100_000 }]);
  assert.deepEqual(heldBy(undefined), [{ login, isRenewable: false, generationMs: 100_000 }]);
  const apiKey = { ...keyWith("k", undefined), record: aRecord("k", { token: new Secret("sk-1") }) };
  assert.deepEqual(loginsHeld({ ...facts, keys: [apiKey] }), []);
});
