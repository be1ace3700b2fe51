import assert from "node:assert/strict";
import fc from "fast-check";
import { type AuthRecord, isAuthFileName, parseAuthFile } from "../../src/auth/record.ts";

const NO_TOKEN =
  "no token in it (looked for tokens.access_token, access_token, OPENAI_API_KEY, api_key, openai_api_key, token)";

function jwt(claims: unknown): string {
  const part = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });
  return `${part({ alg: "none" })}.${part(claims)}.c2ln`;
}

function openAi(claims: Record<string, unknown>): Record<string, unknown> {
  return { "https://api.openai.com/auth": claims };
}

/** What a record says, its token in the open. */
function shown({ token, ...rest }: AuthRecord): Record<string, unknown> {
  return { token: token.reveal(), ...rest };
}

const ACCESS = jwt({
  exp: 1_900_000_000,
  ...openAi({ chatgpt_plan_type: "pro", chatgpt_account_id: "acct-access" }),
});
const ID = jwt({
  email: "ä@example.com",
  ...openAi({ chatgpt_plan_type: "plus", chatgpt_account_id: "acct-id" }),
});

/** What a file does not name. */
const UNNAMED = { accountId: undefined, email: undefined, plan: undefined, expiresAtMs: undefined };

const KEYS: readonly { shape: string; json: unknown; gives: Record<string, unknown> }[] = [
  {
    shape: "a Codex login",
    json: { OPENAI_API_KEY: null, tokens: { id_token: ID, access_token: ACCESS, account_id: "acct-1" } },
    gives: {
      token: ACCESS,
      accountId: "acct-1",
      email: "ä@example.com",
      plan: "plus",
      expiresAtMs: 1_900_000_000_000,
    },
  },
  {
    shape: "a login without account id and id token",
    json: { tokens: { access_token: ACCESS, email: "b@example.com" }, email: "c@example.com" },
    gives: {
      token: ACCESS,
      accountId: "acct-access",
      email: "b@example.com",
      plan: "pro",
      expiresAtMs: 1_900_000_000_000,
    },
  },
  {
    shape: "a login whose account is only in the id token",
    json: { tokens: { access_token: "opaque", id_token: ID } },
    gives: { token: "opaque", accountId: "acct-id", email: "ä@example.com", plan: "plus" },
  },
  {
    shape: "an API key login of Codex",
    json: { OPENAI_API_KEY: "sk-1", tokens: null },
    gives: { token: "sk-1" },
  },
  {
    shape: "an e-mail at the top",
    json: { api_key: "k", email: " d@example.com " },
    gives: { token: "k", email: "d@example.com" },
  },
  { shape: "white space around a token", json: { token: "  k\n" }, gives: { token: "k" } },
  {
    shape: "a place that holds nothing before one that does",
    json: { access_token: "", api_key: "k" },
    gives: { token: "k" },
  },
  { shape: "tokens that are no object", json: { tokens: "x", token: "k" }, gives: { token: "k" } },
  {
    shape: "an id token that is not one",
    json: { token: "k", tokens: { id_token: "a.b.c" } },
    gives: { token: "k" },
  },
  {
    shape: "an exp beyond all dates",
    json: { token: jwt({ exp: 1e300 }) },
    gives: { token: jwt({ exp: 1e300 }) },
  },
  {
    shape: "an exp that is text",
    json: { token: jwt({ exp: "soon" }) },
    gives: { token: jwt({ exp: "soon" }) },
  },
  {
    shape: "an e-mail that would move the cursor",
    json: { token: "k", email: "\u001b[2Ja@example.com" },
    gives: { token: "k" },
  },
];

for (const { shape, json, gives } of KEYS) {
  Deno.test(`parseAuthFile() reads ${shape}`, () => {
    const parsed = parseAuthFile("a.json", JSON.stringify(json));
    assert.equal(parsed.kind, "key");
    assert.deepEqual(shown(parsed.record), { file: "a.json", ...UNNAMED, ...gives });
  });
}

Deno.test("parseAuthFile() takes the token from the first place in order of precedence", () => {
  const names = ["access_token", "OPENAI_API_KEY", "api_key", "openai_api_key", "token"];
  const all: Record<string, unknown> = { tokens: { access_token: "in tokens" } };
  for (const name of names.toReversed()) all[name] = `in ${name}`;
  for (const place of ["tokens", ...names]) {
    const parsed = parseAuthFile("a.json", JSON.stringify(all));
    assert.equal(parsed.kind === "key" && parsed.record.token.reveal(), `in ${place}`);
    delete all[place];
  }
});

Deno.test("parseAuthFile() tolerates a byte order mark", () => {
  assert.equal(parseAuthFile("a.json", '\uFEFF{"token":"k"}').kind, "key");
});

const REJECTED: readonly { text: string; reason: string }[] = [
  { text: "", reason: "the file is empty" },
  { text: " \n", reason: "the file is empty" },
  { text: '{"token": "half', reason: "not valid JSON" },
  { text: "[]", reason: "not a JSON object" },
  { text: "null", reason: "not a JSON object" },
  { text: '"sk-text"', reason: "not a JSON object" },
  { text: "{}", reason: NO_TOKEN },
  { text: '{"tokens":{"access_token":null},"token":null}', reason: NO_TOKEN },
  { text: '{"token":" "}', reason: "the token is empty" },
  { text: '{"token":7}', reason: "the token is not text" },
  { text: '{"tokens":{"access_token":["k"]}}', reason: "the token is not text" },
  { text: '{"token":"a\\nb"}', reason: "the token has characters that no HTTP header may carry" },
  { text: '{"token":"a\u20acb"}', reason: "the token has characters that no HTTP header may carry" },
  {
    text: '{"token":"k","tokens":{"account_id":"a\\u0000"}}',
    reason: "the account id has characters that no HTTP header may carry",
  },
];

for (const { text, reason } of REJECTED) {
  Deno.test(`parseAuthFile() rejects ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseAuthFile("a.json", text), { kind: "rejected", file: "a.json", reason });
  });
}

Deno.test("parseAuthFile() never throws, and every token that it gives fits into a header", () => {
  const names = fc.constantFrom(
    "tokens",
    "access_token",
    "id_token",
    "account_id",
    "email",
    "token",
    "api_key",
  );
  const odd = fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue(), fc.jsonValue().map(jwt));
  const shaped = fc.dictionary(names, fc.oneof(odd, fc.dictionary(names, odd))).map((value) =>
    JSON.stringify(value)
  );
  fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json(), shaped), (text) => {
    const parsed = parseAuthFile("a.json", text);
    if (parsed.kind === "rejected") return;
    new Headers({
      authorization: `Bearer ${parsed.record.token.reveal()}`,
      "chatgpt-account-id": parsed.record.accountId ?? "",
    });
    new Date(parsed.record.expiresAtMs ?? 0).toISOString();
  }));
});

Deno.test("parseAuthFile() never quotes the file in a reason", () => {
  const secret = "hunter2hunter2";
  for (
    const text of [
      `{"token":"${secret}`,
      `"${secret}"`,
      `{"other":"${secret}"}`,
      `{"token":"${secret}\\n\u20ac"}`,
    ]
  ) {
    const parsed = parseAuthFile("a.json", text);
    assert.equal(parsed.kind, "rejected");
    assert.ok(!JSON.stringify(parsed).includes(secret));
  }
});

Deno.test("isAuthFileName() is false for hidden files, the proxy's own files and all that is not JSON", () => {
  const names = [
    "work.json",
    "ann@example.com.json",
    ".env",
    ".hidden.json",
    "rr_proxy_v2.state.json",
    "notes.txt",
  ];
  assert.deepEqual(names.filter(isAuthFileName), ["work.json", "ann@example.com.json"]);
});
