/**
 * What a key is. An auth file is somebody else's JSON in one of several shapes; here its text becomes either a
 * record or a reason that tells the person what to mend. A reason never quotes the file: it holds secrets.
 * @module
 */

import { isObject, member, parseJson } from "../values/json.ts";
import { claimsOf, openAiClaim } from "./jwt.ts";
import { Secret } from "../values/secret.ts";

/** One usable key, as its auth file describes it. */
export interface AuthRecord {
  /** File name inside the auth dir; the key's name everywhere. */
  readonly file: string;
  readonly token: Secret;
  /** The account or workspace that pays; `undefined` when the file does not name one, as with an API key. */
  readonly accountId: string | undefined;
  readonly email: string | undefined;
  /** As the provider calls it: plus, pro, team… */
  readonly plan: string | undefined;
  /** When the access token expires, epoch milliseconds; `undefined` for a token without an `exp` claim. */
  readonly expiresAtMs: number | undefined;
}

/** A file in the auth dir that gives no key, and why. */
export interface RejectedFile {
  readonly file: string;
  readonly reason: string;
}

export type ParsedAuth =
  | { readonly kind: "key"; readonly record: AuthRecord }
  | { readonly kind: "rejected" } & RejectedFile;

type JsonObject = Readonly<Record<string, unknown>>;

// Where Codex and other clients keep a token outside `tokens`, in order of precedence.
const TOKEN_NAMES = ["access_token", "OPENAI_API_KEY", "api_key", "openai_api_key", "token"] as const;

/** The largest auth file; real ones have a few kilobytes. */
export const MAX_AUTH_FILE_BYTES = 2 ** 20;

// The runtime files that stand in the same folder (config/paths.ts) are nobody's keys.
const OWN_FILE_PREFIX = "rr_proxy_v2.";

// The last moment that a Date can hold; a later `exp` is no time.
const MAX_DATE_MS = 8.64e15;

/** True for a name in the auth dir that belongs to an auth file. */
export function isAuthFileName(name: string): boolean {
  return name.endsWith(".json") && !name.startsWith(".") && !name.startsWith(OWN_FILE_PREFIX);
}

/** Reads one auth file; `file` is its name and becomes the key's name. Never throws. */
export function parseAuthFile(file: string, text: string): ParsedAuth {
  const rejected = (reason: string): ParsedAuth => ({ kind: "rejected", file, reason });
  if (text.trim() === "") return rejected("the file is empty");
  const json = parseJson(text);
  if (json === undefined) return rejected("not valid JSON");
  if (!isObject(json)) return rejected("not a JSON object");
  const found = findToken(json);
  if (found.kind === "none") return rejected(found.reason);
  if (!fitsHeader(found.token)) return rejected("the token has characters that no HTTP header may carry");
  const record = { file, token: new Secret(found.token), ...identityOf(json, found.token) };
  if (!fitsHeader(record.accountId ?? "")) {
    return rejected("the account id has characters that no HTTP header may carry");
  }
  return { kind: "key", record };
}

type FoundToken = { readonly kind: "token"; readonly token: string } | {
  readonly kind: "none";
  readonly reason: string;
};

// Codex writes null beside the credential that is in use, so a place that holds nothing usable is passed over; only
// when all are, the first that held anything gives the reason.
function findToken(json: JsonObject): FoundToken {
  const places = [member(json["tokens"], "access_token"), ...TOKEN_NAMES.map((name) => json[name])];
  const filled = places.filter((value) => value !== undefined && value !== null);
  const token = filled.map(textOf).find((text) => text !== undefined);
  if (token !== undefined) return { kind: "token", token };
  const first = filled[0];
  if (first === undefined) {
    return {
      kind: "none",
      reason: `no token in it (looked for tokens.access_token, ${TOKEN_NAMES.join(", ")})`,
    };
  }
  return { kind: "none", reason: typeof first === "string" ? "the token is empty" : "the token is not text" };
}

function identityOf(json: JsonObject, token: string): Omit<AuthRecord, "file" | "token"> {
  const inTokens = (name: string) => member(json["tokens"], name);
  const idClaims = claimsOf(textOf(inTokens("id_token")) ?? "");
  const tokenClaims = claimsOf(token);
  const claimed = (name: string) =>
    textOf(openAiClaim(idClaims, name)) ?? textOf(openAiClaim(tokenClaims, name));

  const accountId = textOf(inTokens("account_id")) ?? claimed("chatgpt_account_id");
  const email = labelOf(idClaims["email"]) ?? labelOf(inTokens("email")) ?? labelOf(json["email"]);
  const plan = labelOf(claimed("chatgpt_plan_type"));
  const expiresAtMs = timeOf(tokenClaims["exp"]);
  return { accountId, email, plan, expiresAtMs };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.trim() || undefined : undefined;
}

// Labels are printed on terminals, where a control character could do more than be read.
function labelOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && !/\p{C}/u.test(text) ? text : undefined;
}

function timeOf(exp: unknown): number | undefined {
  if (typeof exp !== "number" || !(exp > 0)) return undefined;
  const ms = Math.round(exp * 1000);
  return ms <= MAX_DATE_MS ? ms : undefined;
}

function fitsHeader(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
