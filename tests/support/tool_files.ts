// Files in which other tools keep logins, with tokens made for the test. Their shapes are those that people have sent
// in; of those that are marked only a description was at hand.

import { T0 } from "./builders.ts";
import { jwt } from "./jwt.ts";

/** One file, and what an import has to make of it. */
export interface ToolFile {
  readonly name: string;
  readonly text: string;
  /** The account of each key, in order; `-` for a key without one. */
  readonly accounts: readonly string[];
  /** Words of the reason, when there is no key in it. */
  readonly refused?: RegExp;
  /** What is left out of an import that succeeds. */
  readonly skipped?: RegExp;
}

const DAY_S = 86_400;

/** The access token of an account. */
export function access(account: string): string {
  const auth = { chatgpt_account_id: account, chatgpt_user_id: `user-${account}` };
  const claims = { iat: T0 / 1000, exp: T0 / 1000 + DAY_S, session_id: `session-${account}` };
  const profile = { email: `${account}@example.com` };
  return jwt({ ...claims, "https://api.openai.com/auth": auth, "https://api.openai.com/profile": profile });
}

const id = (account: string) => jwt({ email: `${account}@example.com` });
const refresh = (account: string) => `rt_test.${account}-0123456789`;
const tokens = (account: string) => ({
  id_token: id(account),
  access_token: access(account),
  refresh_token: refresh(account),
  account_id: account,
});
const camel = (account: string) => ({
  idToken: id(account),
  accessToken: access(account),
  refreshToken: refresh(account),
});
const cpa = (account: string, more: object = {}) => ({
  ...tokens(account),
  last_refresh: "2026-11-25T00:00:00Z",
  email: `${account}@example.com`,
  type: "codex",
  expired: "2026-12-01T00:00:00Z",
  ...more,
});
const codex = (account: string, more: object = {}) => ({
  auth_mode: "chatgpt",
  OPENAI_API_KEY: null,
  tokens: tokens(account),
  last_refresh: "2026-11-25T00:00:00Z",
  ...more,
});
const entry = (account: string) => ({
  type: "oauth",
  access: access(account),
  refresh: refresh(account),
  expires: T0 + DAY_S * 1000,
  accountId: account,
});
const sub2api = (account: string, more: object = {}) => ({
  name: `${account}@example.com`,
  platform: "openai",
  type: "oauth",
  credentials: {
    access_token: access(account),
    refresh_token: refresh(account),
    chatgpt_account_id: account,
  },
  concurrency: 3,
  priority: 50,
  ...more,
});
const claude = { type: "oauth", access: "sk-ant-oat-test", refresh: "sk-ant-ort-test" };

function row(
  name: string,
  file: unknown,
  accounts: readonly string[],
  more: Partial<ToolFile> = {},
): ToolFile {
  return { name, text: typeof file === "string" ? file : JSON.stringify(file, null, 2), accounts, ...more };
}

/** The table. */
export const TOOL_FILES: readonly ToolFile[] = [
  row("Codex", codex("a1"), ["a1"]),
  row("Codex with an API key", codex("a1", { OPENAI_API_KEY: "sk-beside" }), ["a1"]),
  row("Codex before auth_mode", { OPENAI_API_KEY: null, tokens: tokens("a1") }, ["a1"]),
  row("Codex, tokens from outside", codex("a1", { auth_mode: "chatgptAuthTokens" }), ["a1"]),
  row("Codex with an API key alone", { auth_mode: "apikey", OPENAI_API_KEY: "sk-alone" }, ["-"]),
  row("a personal access token", { OPENAI_API_KEY: null, personal_access_token: "at-test-1" }, ["-"]),
  row("an agent identity", { auth_mode: "agentIdentity", agent_identity: "eyJ.x.y" }, [], {
    refused: /agent identity/,
  }),
  row("Bedrock", { auth_mode: "bedrockApiKey", bedrock_api_key: { api_key: "b", region: "x" } }, [], {
    refused: /Amazon Bedrock/,
  }),
  row("a flat file", { access_token: access("a1"), refresh_token: refresh("a1") }, ["a1"]),
  row("CLIProxyAPI", cpa("a1"), ["a1"]),
  row("CLIProxyAPI, access only", cpa("a1", { refresh_token: "", id_token: "" }), ["a1"]),
  row("CLIProxyAPI, another provider", { type: "claude", access_token: "sk-ant-oat-test" }, [], {
    refused: /a login of Claude/,
  }),
  row("CLIProxyAPI, a provider that is not known", { type: "quux", access_token: access("a1") }, [], {
    refused: /another provider/,
  }),
  row("a list", [cpa("a1"), cpa("a2")], ["a1", "a2"]),
  row("a list with another provider", [cpa("a1"), { type: "gemini", access_token: "ya29.test" }], ["a1"], {
    skipped: /a login of Gemini/,
  }),
  row("a list that names one twice", [codex("a1"), cpa("a1"), codex("a2")], ["a1", "a2"]),
  row("a list of lists", [[codex("a1")], [codex("a2")]], ["a1", "a2"]),
  row("an empty list", [], [], { refused: /no login in it|not a JSON object/ }),
  row("codex-lb, an export", {
    filename: "auth.json",
    account: { accountId: "lb-1", chatgptAccountId: "a1", email: "a1@example.com" },
    tokens: camel("a1"),
    codexAuthJson: codex("a1"),
    opencodeAuthJson: { openai: entry("a1") },
  }, ["a1"]),
  row("codex-lb, an export with underscores", { account: {}, codex_auth_json: codex("a1") }, ["a1"]),
  row("codex-lb, a list of exports", [{ codexAuthJson: codex("a1") }, { codexAuthJson: codex("a2") }], [
    "a1",
    "a2",
  ]),
  row("codex-lb, an upload", { tokens: { ...camel("a1"), accountId: "a1" }, lastRefreshAt: "2026-11-25" }, [
    "a1",
  ]),
  row("Cockpit", { id: "x", email: "a1@example.com", auth_mode: "oauth", tokens: tokens("a1"), tags: [] }, [
    "a1",
  ]),
  row("Sub2API", {
    exported_at: "x",
    proxies: [],
    accounts: [sub2api("a1"), sub2api("a2")],
    type: "sub2api-data",
  }, [
    "a1",
    "a2",
  ]),
  row(
    "Sub2API with another platform",
    { accounts: [sub2api("a1"), sub2api("b", { platform: "anthropic" })] },
    ["a1"],
    {
      skipped: /a login of Claude/,
    },
  ),
  row("Sub2API with a platform that is not known", { accounts: [sub2api("b", { platform: "quux" })] }, [], {
    refused: /another provider/,
  }),
  row("opencode", { openai: entry("a1") }, ["a1"]),
  row("opencode with others", { anthropic: claude, openai: entry("a1"), quux: { type: "api", key: "k" } }, [
    "a1",
  ], {
    skipped: /a login of Claude|another provider/,
  }),
  row("opencode with an API key", { openai: { type: "api", key: "sk-opencode" } }, ["-"]),
  row("opencode without OpenAI", { anthropic: claude }, [], { refused: /a login of Claude/ }),
  row("pi", { "openai-codex": entry("a1") }, ["a1"]),
  row(
    "codex-multi-auth",
    {
      version: 3,
      accounts: [
        { accountId: "a1", email: "a1@example.com", ...camel("a1"), enabled: true },
        { accountId: "a2", refreshToken: refresh("a2"), enabled: true },
      ],
      activeIndex: 0,
    },
    ["a1"],
    { skipped: /only a refresh token/ },
  ),
  row("opencodex", { "acc-1": { ...camel("a1"), chatgptAccountId: "a1" } }, ["a1"]),
  row("opencodex with credentials", { one: { credential: camel("a1"), generation: 2 } }, ["a1"]),
  row("a ChatGPT web session", {
    user: { id: "u", email: "a1@example.com" },
    account: { id: "a1" },
    accessToken: access("a1"),
  }, ["a1"]),
  row("two tokens in one", cpa("a1", { refresh_token: null, codex_access_token: "at-test" }), ["a1"]),
  row("only a refresh token", { refreshToken: refresh("a1"), label: "x" }, [], {
    refused: /only a refresh token/,
  }),
  row(
    "Hermes (described)",
    {
      version: 1,
      providers: {
        "openai-codex": { tokens: tokens("a1") },
        anthropic: { tokens: { access_token: "sk-ant-x" } },
      },
      credential_pool: { "openai-codex": [{ label: "x", access_token: access("a2") }] },
    },
    ["a1", "a2"],
    { skipped: /a login of Claude/ },
  ),
  row("OpenClaw (described)", {
    profiles: { "openai-codex:default": { ...entry("a1"), provider: "openai-codex" } },
  }, [
    "a1",
  ]),
  row("lines of tokens", `# mine\n${access("a1")}\n\n  "${access("a2")}",\nBearer at-test-9\n`, [
    "a1",
    "a2",
    "-",
  ]),
  row("one token", access("a1"), ["a1"]),
  row("lines with others", `${access("a1")}\nhello\n${refresh("a2")}\n`, ["a1"], {
    skipped: /not a token|only a refresh token/,
  }),
  row("lines of JSON", `${JSON.stringify(codex("a1"))}\n${JSON.stringify(cpa("a2"))}\n`, ["a1", "a2"]),
  row("an API key of another provider in a line", "sk-ant-api03-test\n", [], {
    refused: /a login of Claude|bare token/,
  }),
  row("nonsense", "hello", [], { refused: /not valid JSON/ }),
  row("nothing", " \n", [], { refused: /empty/ }),
  row("an object of nothing", {}, [], { refused: /no token in it/ }),
];
