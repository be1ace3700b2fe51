/**
 * Whose login an auth file is. Folders of auth files are shared with tools that know many providers, and a token of
 * another provider must never be sent to OpenAI. Only names from this table are ever shown: what the file itself says
 * may be a secret in the wrong place.
 * @module
 */

import { isFilled, isObject, type JsonObject, member, scalarText } from "../values/json.ts";
import { claimsOf, OPENAI_CLAIMS } from "./jwt.ts";

interface Provider {
  readonly name: string;
  /** Beginnings of what files call it, in small letters and digits only. */
  readonly words: readonly string[];
  /** Beginnings of its tokens. */
  readonly token?: RegExp;
  /** Its hosts, as they are in issuers, scopes and URLs. */
  readonly host?: RegExp;
}

/** In order: the first that matches names the login, so `antigravity` comes before Google, whose tokens it has. */
const PROVIDERS: readonly Provider[] = [
  {
    name: "Claude",
    words: ["claude", "anthropic"],
    token: /^sk-ant-/,
    host: /\b(?:anthropic\.com|claude\.(?:ai|com))\b/,
  },
  { name: "Antigravity", words: ["antigravity"] },
  { name: "Vertex AI", words: ["vertex", "googlevertex", "serviceaccount", "authorizeduser"] },
  {
    name: "Gemini",
    words: ["gemini", "aistudio", "google"],
    token: /^(?:ya29\.|AIza)/,
    host: /\b(?:googleapis|google)\.com\b/,
  },
  { name: "Qwen", words: ["qwen", "alibaba", "dashscope"], host: /\b(?:qwen\.ai|aliyuncs\.com)\b/ },
  { name: "iFlow", words: ["iflow"], host: /\biflow\.cn\b/ },
  {
    name: "Kimi",
    words: ["kimi", "moonshot"],
    token: /^sk-kimi-/,
    host: /\b(?:kimi\.com|moonshot\.(?:cn|ai))\b/,
  },
  { name: "Kiro", words: ["kiro", "codewhisperer", "amazonq"], host: /\bkiro\.dev\b/ },
  {
    name: "Amazon Bedrock",
    words: ["bedrock", "amazon", "aws"],
    token: /^(?:AKIA|ASIA|ABSK)/,
    host: /\bamazonaws\.com\b/,
  },
  {
    name: "GitHub Copilot",
    words: ["copilot", "github"],
    token: /^(?:gh[oprsu]_|github_pat_)/,
    host: /\bgithub(?:copilot)?\.com\b/,
  },
  { name: "Grok", words: ["grok", "xai"], token: /^xai-/, host: /\b(?:x\.ai|grok\.com)\b/ },
  { name: "OpenRouter", words: ["openrouter"], token: /^sk-or-/, host: /\bopenrouter\.ai\b/ },
  { name: "Azure", words: ["azure", "microsoft"], host: /\bazure\.com\b/ },
  { name: "DeepSeek", words: ["deepseek"], host: /\bdeepseek\.com\b/ },
  { name: "GLM", words: ["glm", "zhipu", "zai", "bigmodel"], host: /\b(?:bigmodel\.cn|z\.ai)\b/ },
  { name: "MiniMax", words: ["minimax"], host: /\bminimaxi?\.(?:io|com|chat)\b/ },
  { name: "Mistral", words: ["mistral"], host: /\bmistral\.ai\b/ },
  { name: "Groq", words: ["groq"], token: /^gsk_/, host: /\bgroq\.com\b/ },
  { name: "Cerebras", words: ["cerebras"], token: /^csk-/, host: /\bcerebras\.ai\b/ },
  { name: "Hugging Face", words: ["huggingface"], token: /^hf_/, host: /\bhuggingface\.co\b/ },
  { name: "Perplexity", words: ["perplexity"], token: /^pplx-/, host: /\bperplexity\.ai\b/ },
  { name: "NVIDIA", words: ["nvidia"], token: /^nvapi-/, host: /\bnvidia\.com\b/ },
  { name: "Cursor", words: ["cursor"], host: /\bcursor\.(?:com|sh)\b/ },
  { name: "Windsurf", words: ["windsurf", "codeium"], host: /\b(?:windsurf|codeium)\.com\b/ },
  { name: "Factory", words: ["factory", "droid"], host: /\bfactory\.ai\b/ },
  {
    name: "Amp",
    words: ["ampcode", "sourcegraph"],
    token: /^sgp_/,
    host: /\b(?:ampcode|sourcegraph)\.com\b/,
  },
  { name: "Ollama", words: ["ollama"], host: /\bollama\.com\b/ },
  { name: "CodeBuddy", words: ["codebuddy"], host: /\bcodebuddy\.(?:ai|cn)\b/ },
  { name: "Doubao", words: ["doubao", "volcengine", "volces"], host: /\bvolces\.com\b/ },
];

/** What files call OpenAI, in small letters and digits only. */
const OPENAI: ReadonlySet<string> = new Set(
  "codex openai chatgpt openaicodex codexcli openaioauth codexoauth chatgptoauth openaichatgpt".split(" "),
);

/** What files call a kind of credential, of whichever provider: `type` is used for that as well. */
const KINDS: ReadonlySet<string> = new Set([
  ..."oauth oauth2 api apikey key token bearer accesstoken pat personalaccesstoken auth login session account"
    .split(" "),
  "chatgptauthtokens",
]);

/** Fields that only one provider's files have. */
const SHAPES: Readonly<Record<string, string>> = {
  claudeAiOauth: "claude",
  profileArn: "kiro",
  private_key_id: "vertex",
};

// Other fields in which tools name the provider; there, what is not known says nothing.
const PROVIDER_FIELDS = ["provider", "platform", "vendor", "service", "auth_mode"] as const;
// Fields that hold a URL or a scope of the provider.
const HOST_FIELDS = [
  "iss",
  "issuer",
  "base_url",
  "baseUrl",
  "api_base",
  "endpoint",
  "resource_url",
  "token_uri",
  "auth_uri",
  "scope",
  "scopes",
] as const;

/** Why an auth file is not a login of OpenAI; `undefined` when nothing says so. `token` is what it would be used with. */
export function foreignReason(json: JsonObject, token: string | undefined): string | undefined {
  const type = json["type"];
  if (typeof type === "string" && type.trim() !== "") {
    const word = plain(type);
    if (!OPENAI.has(word) && !KINDS.has(word)) return reasonFor(providerCalled(word)?.name);
  } else if (isFilled(type)) {
    return "its type is not text, so it is not known whose login it is";
  }
  // What a token says of itself outweighs the fields around it: `google` may be how the user logs in to OpenAI.
  if (token !== undefined && isOpenAiToken(token)) return undefined;
  const provider = providerOfToken(token) ?? providerInFields(json) ?? providerInFields(json["tokens"]);
  return provider && reasonFor(provider.name);
}

// `google` alone, `ANTHROPIC_API_KEY`, `github.com`; a setting such as `cursorBlink` is none of them.
const LOGIN_FIELD = /^([a-z0-9]+?)(?:api)?(?:key|oauth|auth|token|credentials?|creds|login|com)?$/;

/** Why a file in which no token was found is another provider's, read off the names of its fields. */
export function foreignFieldReason(json: JsonObject): string | undefined {
  const names = Object.keys(json).flatMap((name) => LOGIN_FIELD.exec(plain(name))?.[1] ?? []);
  const provider = PROVIDERS.find(({ words }) => words.some((word) => names.includes(word)));
  return provider && reasonFor(provider.name);
}

/** Whether a field of this name holds a login of OpenAI. */
export function namesOpenAi(name: string): boolean {
  return OPENAI.has(plain(name));
}

function reasonFor(name: string | undefined): string {
  return `a login of ${name ?? "another provider"}, not of OpenAI`;
}

function isOpenAiToken(token: string): boolean {
  const claims = claimsOf(token);
  return isObject(claims[OPENAI_CLAIMS]) ||
    /^https:\/\/([a-z0-9-]+\.)*openai\.com\/?$/.test(scalarText(claims["iss"]));
}

function providerOfToken(token: string | undefined): Provider | undefined {
  if (token === undefined) return undefined;
  const issuer = claimsOf(token)["iss"];
  return PROVIDERS.find((provider) => provider.token?.test(token)) ?? providerAt(issuer);
}

function providerInFields(fields: unknown): Provider | undefined {
  if (!isObject(fields)) return undefined;
  const shape = Object.keys(SHAPES).find((name) => Object.hasOwn(fields, name));
  if (shape !== undefined) return providerCalled(SHAPES[shape]!);
  for (const name of PROVIDER_FIELDS) {
    const value = member(fields, name);
    const known = typeof value === "string" ? providerCalled(plain(value)) : undefined;
    if (known) return known;
  }
  return HOST_FIELDS.map((name) => providerAt(member(fields, name))).find((known) => known !== undefined);
}

// A list of scopes, or a text with one or several.
function providerAt(place: unknown): Provider | undefined {
  const text = Array.isArray(place) ? place.filter((entry) => typeof entry === "string").join(" ") : place;
  if (typeof text !== "string") return undefined;
  return PROVIDERS.find(({ host }) => host?.test(text.toLowerCase()));
}

function providerCalled(word: string): Provider | undefined {
  return PROVIDERS.find(({ words }) => words.some((known) => word.startsWith(known)));
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}
