import assert from "node:assert/strict";
import { KeyPool } from "../../src/auth/rotation.ts";
import { accountsCheck, CodexQuestions, isAccountsCheck } from "../../src/codex/questions.ts";
import { ModelsCache } from "../../src/codex/models_cache.ts";
import { PIN_HEADER } from "../../src/proxy/pin.ts";
import { PoolUsage } from "../../src/codex/pool_usage.ts";
import { Upstream } from "../../src/upstream/upstream.ts";
import { usageBody } from "../support/answers.ts";
import { aRecord, POLICY } from "../support/builders.ts";
import { aQuestion } from "../support/client_request.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";
import { jwt } from "../support/jwt.ts";
import { asResponse } from "../support/http_answer.ts";

Deno.test("isAccountsCheck() knows the question under both base paths", () => {
  const yes = ["/wham/accounts/check", "/backend-api/wham/accounts/check", "/api/codex/accounts/check"];
  for (const path of yes) assert.ok(isAccountsCheck(path), path);
  assert.ok(!isAccountsCheck("/wham/accounts/checks"));
});

Deno.test("accountsCheck() answers with the client's own account and an HTTPS origin", () => {
  const token = jwt({
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
  const token = jwt({ "https://api.openai.com/auth": { chatgpt_account_id: "acct-2" } });
  const answer = accountsCheck(new Headers({ authorization: `Bearer ${token}` })) as {
    default_account_id: string;
  };
  assert.equal(answer.default_account_id, "acct-2");
  assert.equal(accountsCheck(new Headers({ authorization: "Bearer sk-1" })), undefined);
});

const CHATGPT = "http://upstream.example/backend-api";
const API = "http://upstream.example/v1";

/** Asks a proxy with one key, whose usage page gives this reply. */
async function ask(
  path: string,
  { upstream = CHATGPT, method = "GET", headers = {}, reply = answer(404) }: {
    upstream?: string;
    method?: string;
    headers?: Record<string, string>;
    reply?: Reply;
  } = {},
) {
  const clock = new FakeClock();
  const pool = new KeyPool(POLICY, () => {});
  pool.merge([aRecord("a")], clock.nowMs());
  const ports = { clock, upstream: new Upstream(upstream) };
  const forward = () => Promise.resolve(Response.json({ list: 1 }));
  const usagePorts = { ...ports, pool, send: new FakeSend(reply).send, userAgent: "cdx2/test", onUsage() {} };
  const questions = new CodexQuestions({
    ...ports,
    pool,
    models: new ModelsCache({ ...ports, forward }),
    poolUsage: new PoolUsage(usagePorts),
  });
  return await questions.answer(aQuestion(path, { method, headers: new Headers(headers) }));
}

const ACCOUNT = { "chatgpt-account-id": "acct-mine" };
const OWN_LOGIN = { authorization: "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.sig" };
const USED = answer(
  200,
  usageBody({ usedPercent: 40, resetAfterSeconds: 60 }, { usedPercent: 0, resetAfterSeconds: 90 }),
);

/** `[path, what the request has besides, what becomes of it]` */
const QUESTIONS: [string, Parameters<typeof ask>[1], string][] = [
  ["/codex/models", {}, "answer"],
  ["/v1/models", { upstream: API }, "answer"],
  ["/codex/models", { method: "POST" }, "forward"],
  ["/backend-api/models", { headers: OWN_LOGIN }, "forward"],
  ["/wham/accounts/check", { headers: ACCOUNT }, "answer"],
  ["/wham/accounts/check", {}, "forward"],
  ["/wham/accounts/check", { headers: ACCOUNT, method: "POST" }, "forward"],
  ["/backend-api/wham/usage", { reply: USED }, "answer"],
  ["/api/codex/usage", { reply: USED }, "answer"],
  ["/api/codex/usage", { reply: USED, upstream: API }, "forward"],
  ["/wham/usage", { reply: USED, method: "POST" }, "forward"],
  ["/wham/usage/thread_usage/query", { reply: USED }, "forward"],
  ["/wham/usage", { headers: OWN_LOGIN }, "forward"],
  ["/wham/usage", {}, "refuse"],
  ["/codex/responses", {}, "forward"],
];

for (const [path, how, kind] of QUESTIONS) {
  const { reply, ...told } = how ?? {};
  const what = `${JSON.stringify(told)}${reply ? " and a key that tells its usage" : ""}`;
  Deno.test(`CodexQuestions say ${kind} to ${path} with ${what}`, async () => {
    assert.equal((await ask(path, how)).kind, kind);
  });
}

Deno.test("CodexQuestions marks what the proxy made up, and names no account of the pool", async () => {
  const own = await ask("/wham/usage", { reply: USED, headers: { ...OWN_LOGIN, ...ACCOUNT } });
  assert.ok(own.kind === "answer");
  const { headers } = own.response;
  assert.deepEqual([headers.get("x-cdx2-synthesized"), headers.get("x-cdx2-request-id")], ["1", "req_1"]);
  const page = await asResponse(own.response).text();
  assert.equal(JSON.parse(page).account_id, "acct-mine");
  assert.doesNotMatch(page, /acct-a|a@example/);
});

Deno.test("CodexQuestions shows a client that uses one key alone the usage of that key, or none", async () => {
  for (const [name, kind] of [["a", "answer"], ["b", "refuse"]] as const) {
    const headers = { ...OWN_LOGIN, [PIN_HEADER]: name };
    assert.equal((await ask("/wham/usage", { reply: USED, headers })).kind, kind, name);
  }
  // Not the usage of the client's own login.
  const headers = { ...OWN_LOGIN, [PIN_HEADER]: "a" };
  assert.equal((await ask("/wham/usage", { headers })).kind, "refuse");
});
