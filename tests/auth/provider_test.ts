import assert from "node:assert/strict";
import { parseAuthFile } from "../../src/auth/record.ts";
import { jwt } from "../support/jwt.ts";

function outcomeOf(json: unknown): string {
  const parsed = parseAuthFile("a.json", JSON.stringify(json));
  return parsed.kind === "key" ? "a key" : parsed.reason;
}

/** `[what, file, whose login it is]` */
const FOREIGN: readonly [what: string, json: unknown, name: string][] = [
  ...([
    ["claude", "Claude"],
    [" Claude ", "Claude"],
    ["CLAUDE", "Claude"],
    ["claude-code", "Claude"],
    ["anthropic", "Claude"],
    ["gemini", "Gemini"],
    ["gemini-cli", "Gemini"],
    ["google_ai_studio", "Gemini"],
    ["aistudio", "Gemini"],
    ["vertex", "Vertex AI"],
    ["service_account", "Vertex AI"],
    ["authorized_user", "Vertex AI"],
    ["antigravity", "Antigravity"],
    ["qwen", "Qwen"],
    ["qwen-code", "Qwen"],
    ["iflow", "iFlow"],
    ["kimi", "Kimi"],
    ["moonshot", "Kimi"],
    ["kiro", "Kiro"],
    ["github-copilot", "GitHub Copilot"],
    ["copilot", "GitHub Copilot"],
    ["xai", "Grok"],
    ["grok", "Grok"],
    ["openrouter", "OpenRouter"],
    ["azure-openai", "Azure"],
    ["bedrock", "Amazon Bedrock"],
    ["openai-compatibility", "another provider"],
    ["sk-ant-secret", "another provider"],
  ] as const).map(([type, name]): [string, unknown, string] => [
    `type ${type}`,
    { type, access_token: "opaque", email: "c@example.com" },
    name,
  ]),
  [
    "Claude Code's file",
    { claudeAiOauth: { accessToken: "sk-ant-oat01", refreshToken: "sk-ant-ort01" } },
    "Claude",
  ],
  ["Claude Code's file with a token at the top", { claudeAiOauth: {}, access_token: "opaque" }, "Claude"],
  ["a key of Claude", { api_key: "sk-ant-api03-x" }, "Claude"],
  ["a key of Claude where OpenAI's belongs", { OPENAI_API_KEY: "sk-ant-api03-x" }, "Claude"],
  ["a key of Claude after Bearer", { token: "Bearer sk-ant-oat01-x" }, "Claude"],
  ["a variable of Claude", { ANTHROPIC_API_KEY: "sk-ant-x" }, "Claude"],
  ["opencode's login of Claude", { anthropic: { type: "oauth", access: "sk-ant-oat01" } }, "Claude"],
  ["an issuer of Claude", { access_token: jwt({ iss: "https://console.anthropic.com" }) }, "Claude"],
  ["a Google service account", {
    type: "service_account",
    private_key: "-----BEGIN",
    token_uri: "https://oauth2.googleapis.com/token",
  }, "Vertex AI"],
  ["a Google service account without a type", { private_key_id: "1", token: "opaque" }, "Vertex AI"],
  ["the Gemini CLI's file", {
    access_token: "ya29.a0",
    scope: "openid https://www.googleapis.com/auth/cloud-platform",
    expiry_date: 1,
  }, "Gemini"],
  ["a key of Gemini", { token: "AIzaSyx" }, "Gemini"],
  ["an opaque token with Google's scopes", {
    access_token: "opaque",
    scopes: ["https://www.googleapis.com/auth/a"],
  }, "Gemini"],
  ["an issuer of Google", { access_token: jwt({ iss: "accounts.google.com" }) }, "Gemini"],
  ["a token object of Gemini", { type: "gemini", token: { access_token: "ya29.a0" } }, "Gemini"],
  ["Qwen Code's file", { access_token: "opaque", resource_url: "portal.qwen.ai", expiry_date: 1 }, "Qwen"],
  ["an issuer of Kimi", { access_token: jwt({ iss: "https://auth.kimi.com" }) }, "Kimi"],
  ["Kiro's file", {
    accessToken: "aoa",
    refreshToken: "aor",
    profileArn: "arn:aws:codewhisperer",
    provider: "Google",
  }, "Kiro"],
  ["a token of GitHub", { token: "gho_x" }, "GitHub Copilot"],
  ["Copilot's hosts", { "github.com": { oauth_token: "gho_x" } }, "GitHub Copilot"],
  ["a key of Grok", { api_key: "xai-x" }, "Grok"],
  ["a key of OpenRouter", { OPENAI_API_KEY: "sk-or-v1-x" }, "OpenRouter"],
  ["a key of Groq", { token: "gsk_x" }, "Groq"],
  ["another provider's base URL", { api_key: "sk-x", base_url: "https://api.deepseek.com/v1" }, "DeepSeek"],
  ["a provider beside the token", { access_token: "opaque", provider: "claude-ai" }, "Claude"],
  ["a provider in the tokens", {
    tokens: { access_token: "opaque", scope: "https://www.googleapis.com/auth/a" },
  }, "Gemini"],
  [
    "a Bedrock login of Codex",
    { auth_mode: "bedrockApiKey", bedrock_api_key: { api_key: "x" } },
    "Amazon Bedrock",
  ],
  ["a disabled login of Claude", { type: "claude", access_token: "opaque", disabled: true }, "Claude"],
];

for (const [what, json, name] of FOREIGN) {
  Deno.test(`parseAuthFile() refuses ${what} by name`, () => {
    assert.equal(outcomeOf(json), `a login of ${name}, not of OpenAI`);
  });
}

for (const type of [7, true, ["claude"], { name: "claude" }]) {
  Deno.test(`parseAuthFile() refuses the type ${JSON.stringify(type)}`, () => {
    assert.equal(
      outcomeOf({ type, access_token: "x" }),
      "its type is not text, so it is not known whose login it is",
    );
  });
}

const OPENAI_TOKEN = jwt({ "https://api.openai.com/auth": { chatgpt_plan_type: "plus" } });

/** `[what, file]` */
const OWN: readonly [what: string, json: unknown][] = [
  ...[
    "codex",
    "Codex",
    " openai ",
    "OPENAI",
    "chatgpt",
    "openai-codex",
    "oauth",
    "api_key",
    "token",
    "",
    null,
  ]
    .map((type): [string, unknown] => [`type ${JSON.stringify(type)}`, { type, access_token: "opaque" }]),
  ["an API key", { api_key: "sk-proj-x" }],
  ["a token of the OpenAI issuer", { access_token: jwt({ iss: "https://auth.openai.com" }) }],
  ["a token of a company's own issuer", { access_token: jwt({ iss: "https://login.example.com" }) }],
  ["an OpenAI login through Google", { access_token: OPENAI_TOKEN, provider: "google-oauth2" }],
  ["keys of two providers, OpenAI's where it belongs", {
    OPENAI_API_KEY: "sk-x",
    ANTHROPIC_API_KEY: "sk-ant-x",
  }],
  ["the OpenAI base URL", { api_key: "sk-x", base_url: "https://api.openai.com/v1" }],
  ["a platform of OpenAI", { access_token: "opaque", platform: "openai" }],
  ["an unknown provider beside the token", { access_token: "opaque", provider: "my-gateway" }],
];

for (const [what, json] of OWN) {
  Deno.test(`parseAuthFile() takes ${what}`, () => {
    assert.equal(outcomeOf(json), "a key");
  });
}
