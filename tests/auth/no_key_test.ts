import assert from "node:assert/strict";
import { parseAuthFile } from "../../src/auth/record.ts";

const TOKEN = "eyJhbGciOiJub25lIn0.e30.c2ln";
const EACH = 'import it with "cdx2 auth import FILE"';
const AS_CODEX = 'import it with "cdx2 auth import FILE"';
const CAMEL = 'its token is called accessToken, as in another tool; import it with "cdx2 auth import FILE"';
const UTF_16 = "it is UTF-16 text; save it as UTF-8";
const UTF_32 = "it is UTF-32 text; save it as UTF-8";

/** What a file with these bytes is read as. */
function asRead(bytes: readonly number[]): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
}

const KEY = '{"token":"k"}';

function wide(
  text: string,
  { bytes, isBig, hasMark }: { bytes: number; isBig: boolean; hasMark: boolean },
): string {
  const units = [...(hasMark ? "\uFEFF" : "") + text].map((character) => character.codePointAt(0)!);
  return asRead(units.flatMap((unit) => {
    const little = Array.from({ length: bytes }, (_, at) => (unit >> (8 * at)) & 0xff);
    return isBig ? little.reverse() : little;
  }));
}

/** `[what, text, reason]` */
const TEXTS: readonly [what: string, text: string, reason: string][] = [
  ["UTF-16, little end first", wide(KEY, { bytes: 2, isBig: false, hasMark: false }), UTF_16],
  ["UTF-16, little end first, with a mark", wide(KEY, { bytes: 2, isBig: false, hasMark: true }), UTF_16],
  ["UTF-16, big end first", wide(KEY, { bytes: 2, isBig: true, hasMark: false }), UTF_16],
  ["UTF-16, big end first, with a mark", wide(KEY, { bytes: 2, isBig: true, hasMark: true }), UTF_16],
  ["UTF-32, little end first", wide(KEY, { bytes: 4, isBig: false, hasMark: false }), UTF_32],
  ["UTF-32, big end first, with a mark", wide(KEY, { bytes: 4, isBig: true, hasMark: true }), UTF_32],
  ["a list of logins", `[${KEY},${KEY}]`, `a list of logins; ${EACH}`],
  ["a list of one login", `[${KEY}]`, `a list of logins; ${EACH}`],
  ["a list of texts", '["sk-x"]', "not a JSON object"],
  ["a number", "7", "not a JSON object"],
  ["JSON lines", `${KEY}\n${KEY}\n`, `several JSON documents; ${EACH}`],
  ["JSON lines with blank ones", `${KEY}\r\n\r\n${KEY}`, `several JSON documents; ${EACH}`],
  ["two documents on one line", KEY + KEY, "not valid JSON"],
  ["a comment", `// mine\n${KEY}`, "not valid JSON"],
  ["a trailing comma", '{"token":"k",}', "not valid JSON"],
  ["single quotes", "{'token':'k'}", "not valid JSON"],
  ["a half", '{"token":"k', "not valid JSON"],
  [
    "a PEM key",
    "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
    "a PEM key or certificate, not an auth file",
  ],
  ["a web page", "<!DOCTYPE html><title>Just a moment</title>", "a web page or XML, not an auth file"],
  ["XML", '<?xml version="1.0"?><plist/>', "a web page or XML, not an auth file"],
  ["a .env file", "OPENAI_API_KEY=sk-x\n", "lines of a shell or .env file, not an auth file"],
  ["lines of a shell", "export OPENAI_API_KEY=sk-x\n", "lines of a shell or .env file, not an auth file"],
  [
    "a bare token",
    `${TOKEN}\n`,
    'a bare token, not an auth file; import it with "cdx2 auth import FILE"',
  ],
  [
    "bare tokens",
    `${TOKEN}\n${TOKEN}\n`,
    'bare tokens, not an auth file; import them with "cdx2 auth import FILE"',
  ],
  ["a word", "unreadable\n", "not valid JSON"],
  ["YAML", "token: k\n", "not valid JSON"],
  ["NULs", "\0\0\0\0", UTF_32],
];

for (const [what, text, reason] of TEXTS) {
  Deno.test(`parseAuthFile() says of ${what} what it is`, () => {
    const parsed = parseAuthFile("a.json", text);
    assert.equal(parsed.kind === "rejected" && parsed.reason, reason);
  });
}

const ACCOUNT = { type: "oauth", access: "x", refresh: "y", accountId: "acct-1" };

/** `[what, file, reason]` */
const SHAPES: readonly [what: string, json: unknown, reason: string][] = [
  [
    "an agent identity",
    { auth_mode: "agentIdentity", agent_identity: TOKEN },
    "an agent identity of Codex, which has no token that can be sent",
  ],
  [
    "an export of codex-lb",
    { filename: "a", tokens: { accessToken: TOKEN }, codexAuthJson: { tokens: {} } },
    'an export of codex-lb; import it with "cdx2 auth import FILE"',
  ],
  ["names in camel case", { tokens: { accessToken: TOKEN, accountId: "acct-1" } }, CAMEL],
  ["a web session", { user: { email: "a@example.com" }, accessToken: TOKEN, authProvider: "openai" }, CAMEL],
  ["a credential in camel case", { credential: { accessToken: TOKEN } }, CAMEL],
  [
    "an export of Sub2API",
    { type: "sub2api-data", accounts: [{ credentials: { access_token: TOKEN } }] },
    `the accounts of another tool in one file; ${AS_CODEX}`,
  ],
  [
    "accounts of codex-multi-auth",
    { version: 3, accounts: [{ accessToken: TOKEN }] },
    `the accounts of another tool in one file; ${AS_CODEX}`,
  ],
  [
    "Hermes' providers",
    { providers: { "openai-codex": { tokens: { access_token: TOKEN } } } },
    `the accounts of another tool in one file; ${AS_CODEX}`,
  ],
  [
    "OpenClaw's profiles",
    { profiles: { "openai-codex:default": ACCOUNT } },
    `the accounts of another tool in one file; ${AS_CODEX}`,
  ],
  [
    "a table of credentials",
    { credentials: { "openai-codex": ACCOUNT } },
    `the accounts of another tool in one file; ${AS_CODEX}`,
  ],
  [
    "a list of credentials",
    { credentials: [ACCOUNT] },
    `the accounts of another tool in one file; ${AS_CODEX}`,
  ],
  ["opencode's login", { openai: ACCOUNT }, `the login of another tool; ${AS_CODEX}`],
  [
    "opencode's login of two providers",
    { openai: ACCOUNT, anthropic: ACCOUNT },
    `the login of another tool; ${AS_CODEX}`,
  ],
  ["pi's login", { "openai-codex": ACCOUNT }, `the login of another tool; ${AS_CODEX}`],
  ["opencodex's accounts", { "acc-1": { accessToken: TOKEN } }, `the login of another tool; ${AS_CODEX}`],
  [
    "opencodex's credentials",
    { "acc-1": { credential: { accessToken: TOKEN } } },
    `the login of another tool; ${AS_CODEX}`,
  ],
  [
    "a refresh token alone",
    { refresh_token: "rt_x" },
    "only a refresh token in it, and no access token; log in again",
  ],
  [
    "a refresh token alone in camel case",
    { refreshToken: "rt_x", label: "mine" },
    "only a refresh token in it, and no access token; log in again",
  ],
];

for (const [what, json, reason] of SHAPES) {
  Deno.test(`parseAuthFile() says of ${what} what to do with it`, () => {
    const parsed = parseAuthFile("a.json", JSON.stringify(json));
    assert.equal(parsed.kind === "rejected" && parsed.reason, reason);
  });
}

Deno.test("parseAuthFile() takes no longer for a large file than its size explains", () => {
  const filler = 2 ** 18;
  for (const unit of ['"', " ", "a", "\0", "bearer ", "{", "[", "\\n"]) {
    const text = unit.repeat(filler / unit.length);
    const started = performance.now();
    parseAuthFile("a.json", text);
    parseAuthFile("a.json", `x${text}x`);
    parseAuthFile("a.json", JSON.stringify({ token: text, type: text }));
    assert.ok(performance.now() - started < 10_000, unit);
  }
});
