import assert from "node:assert/strict";
import { accountsCheck, isAccountsCheck } from "../../src/proxy/codex_questions.ts";

function jwtOf(claims: object): string {
  const part = (value: object) => btoa(JSON.stringify(value)).replaceAll("=", "");
  return `${part({ alg: "none" })}.${part(claims)}.sig`;
}

Deno.test("isAccountsCheck() knows the question under both base paths", () => {
  const yes = ["/wham/accounts/check", "/backend-api/wham/accounts/check", "/api/codex/accounts/check"];
  for (const path of yes) assert.ok(isAccountsCheck("GET", path), path);
  assert.ok(!isAccountsCheck("POST", yes[0]!));
  assert.ok(!isAccountsCheck("GET", "/wham/accounts/checks"));
});

Deno.test("accountsCheck() answers with the client's own account and an HTTPS origin", () => {
  const token = jwtOf({
    "https://api.openai.com/auth": { chatgpt_account_id: "other", chatgpt_plan_type: "pro" },
  });
  const headers = new Headers({ "chatgpt-account-id": "acct-1", authorization: `Bearer ${token}` });
  assert.deepEqual(accountsCheck(headers), {
    accounts: [{
      id: "acct-1",
      name: null,
      structure: "personal",
      plan_type: "pro",
      workspace_backend_origin: "https://chatgpt.com",
      account_routing_override: "NO_CONSTRAINT",
    }],
    account_ordering: ["acct-1"],
    default_account_id: "acct-1",
  });
});

Deno.test("accountsCheck() finds the account in the token when no header names it", () => {
  const token = jwtOf({ "https://api.openai.com/auth": { chatgpt_account_id: "acct-2" } });
  const answer = accountsCheck(new Headers({ authorization: `Bearer ${token}` })) as {
    default_account_id: string;
  };
  assert.equal(answer.default_account_id, "acct-2");
  assert.equal(accountsCheck(new Headers({ authorization: "Bearer sk-1" })), undefined);
});
