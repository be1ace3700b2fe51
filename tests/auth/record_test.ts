import assert from "node:assert/strict";
import fc from "fast-check";
import { type AuthRecord, isAuthFileName, isMisnamedAuthFile, parseAuthFile } from "../../src/auth/record.ts";
import { jwt } from "../support/jwt.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { oddJson } from "../support/odd_json.ts";

const NO_TOKEN =
  "no token in it (looked for tokens.access_token, access_token, OPENAI_API_KEY, api_key, openai_api_key, token)";

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
const UNNAMED = {
  accountId: undefined,
  email: undefined,
  plan: undefined,
  expiresAtMs: undefined,
  hasRefreshToken: false,
  isInKeyring: false,
  isDisabled: false,
  priority: 0,
  alias: undefined,
  upstream: undefined,
  models: {},
};

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
  {
    shape: "a flat file",
    json: {
      type: "codex",
      access_token: "opaque",
      account_id: "acct-1",
      email: "e@example.com",
      id_token: ID,
    },
    gives: { token: "opaque", accountId: "acct-1", email: "ä@example.com", plan: "plus" },
  },
  {
    shape: "an account id in the tokens over one at the top",
    json: { tokens: { access_token: "k", account_id: "acct-1" }, account_id: "acct-2" },
    gives: { token: "k", accountId: "acct-1" },
  },
  {
    shape: "an account id at the top over the one that the token claims",
    json: { access_token: ACCESS, account_id: "acct-1" },
    gives: { token: ACCESS, accountId: "acct-1", plan: "pro", expiresAtMs: 1_900_000_000_000 },
  },
  {
    shape: "a personal access token",
    json: { OPENAI_API_KEY: null, personal_access_token: "at-1" },
    gives: { token: "at-1" },
  },
  {
    shape: "a file that is disabled",
    json: { token: "k", disabled: true },
    gives: { token: "k", isDisabled: true },
  },
  {
    shape: "a priority and an alias",
    json: { token: "k", priority: -5, alias: " work " },
    gives: { token: "k", priority: -5, alias: "work" },
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

for (
  const [written, token] of [
    ["Bearer k", "k"],
    ["bearer  k ", "k"],
    ["BEARER\tk", "k"],
    ["Authorization: Bearer k", "k"],
    ['"k"', "k"],
    ["'k'", "k"],
    ["`k`", "k"],
    ["\u201Ck\u201D", "k"],
    ['"k', "k"],
    ['"Bearer k"', "k"],
    ['Bearer "k"', "k"],
    ["Bearer Bearer k", "k"],
    ["bearerk", "bearerk"],
    ["k=", "k="],
  ] as const
) {
  Deno.test(`parseAuthFile() takes the token out of ${JSON.stringify(written)}`, () => {
    const parsed = parseAuthFile("a.json", JSON.stringify({ token: written }));
    assert.equal(parsed.kind === "key" && parsed.record.token.reveal(), token);
  });
}

/** `[disabled, priority as written, read as]` */
const SWITCHES: [unknown, boolean, unknown, number][] = [
  [true, true, 100, 100],
  ["true", true, "7", 7],
  ["TRUE", true, 1e9, 100],
  [1, true, -1e9, -100],
  ["1", true, 2.7, 2],
  ["yes", true, -0.5, 0],
  [false, false, "high", 0],
  ["false", false, null, 0],
  [0, false, {}, 0],
  [null, false, "", 0],
  ["no", false, [5], 0],
  [{}, false, true, 0],
];

for (const [disabled, isDisabled, priority, read] of SWITCHES) {
  Deno.test(`parseAuthFile() reads disabled ${JSON.stringify(disabled)} and priority ${JSON.stringify(priority)}`, () => {
    const parsed = parseAuthFile("a.json", JSON.stringify({ token: "k", disabled, priority }));
    assert.equal(parsed.kind, "key");
    assert.deepEqual([parsed.record.isDisabled, parsed.record.priority], [isDisabled, read]);
  });
}

Deno.test("parseAuthFile() takes the token from the first place in order of precedence", () => {
  const names = [
    "access_token",
    "OPENAI_API_KEY",
    "api_key",
    "openai_api_key",
    "token",
    "personal_access_token",
  ];
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
  { text: '{"token":"Bearer "}', reason: "the token is empty" },
  { text: '{"token":"\\"\\""}', reason: "the token is empty" },
  { text: '{"access_token":"rt_abc"}', reason: "a refresh token is where the access token should be" },
  {
    text: '{"api_key":"-----BEGIN KEY-----\\nabc"}',
    reason: "the token has characters that no HTTP header may carry",
  },
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
    const parsed = parseAuthFile("a.json", text);
    assert.equal(parsed.kind === "rejected" && parsed.reason, reason);
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
    "disabled",
    "priority",
    "base_url",
  );
  const claims = oddJson("iss", "exp", "email", "https://api.openai.com/auth", "chatgpt_plan_type");
  const odd = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.jsonValue(),
    fc.jsonValue().map(jwt),
    claims.map(jwt),
    oddJson("access_token", "id_token", "disabled", "priority"),
  );
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

Deno.test("parseAuthFile() never quotes the file in a reason, wherever a secret is", () => {
  const names = fc.constantFrom(
    ..."type provider platform tokens access_token id_token accounts profiles openai claudeAiOauth accessToken scope iss"
      .split(" "),
    ..."refresh_token codexAuthJson agent_identity auth_mode base_url disabled priority alias account_id"
      .split(" "),
  );
  const secret = "hunter2hunter2";
  const leaf = fc.constantFrom<unknown>(secret, `sk-ant-${secret}`, `${secret}\n`, [secret], 7, null, true);
  const { tree } = fc.letrec((tie) => ({
    tree: fc.dictionary(
      names,
      fc.oneof({ maxDepth: 2 }, leaf, tie("tree"), fc.array(tie("tree"), { maxLength: 2 })),
      { maxKeys: 4 },
    ),
  }));
  fc.assert(
    fc.property(tree, fc.nat(3), (json, cut) => {
      const text = JSON.stringify(json);
      const parsed = parseAuthFile("a.json", cut === 0 ? text.slice(0, -1) : cut === 1 ? `[${text}]` : text);
      if (parsed.kind === "rejected") assert.ok(!parsed.reason.includes(secret), parsed.reason);
    }),
    { numRuns: fuzzRuns() },
  );
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

Deno.test("isMisnamedAuthFile() knows the names that were probably meant for an auth file", () => {
  const names = [
    "a.JSON",
    "a.Json",
    "a.json.txt",
    "a.JSON.TXT",
    "a.json",
    ".a.JSON",
    "rr_proxy_v2.x.JSON",
    "a.json.bak",
  ];
  assert.deepEqual(names.filter(isMisnamedAuthFile), ["a.JSON", "a.Json", "a.json.txt", "a.JSON.TXT"]);
});

Deno.test("isAuthFileName() is false for hidden files, the proxy's own files and all that is not JSON", () => {
  const names = [
    "work.json",
    "ann@example.com.json",
    ".env",
    ".hidden.json",
    "rr_proxy_v2.state.json",
    "rr_proxy_v2.sessions.json",
    "notes.txt",
  ];
  assert.deepEqual(names.filter(isAuthFileName), ["work.json", "ann@example.com.json"]);
});
