/**
 * What a key is. An auth file is somebody else's JSON in one of several shapes; here its text becomes either a record
 * or a reason that tells the user what to fix. A reason never quotes the file, because the file holds secrets.
 * @module
 */

import { isOwnFileName } from "../config/paths.ts";
import { filledText, isObject, type JsonObject, member, parseJson } from "../values/json.ts";
import { Secret } from "../values/secret.ts";
import { tokenShape } from "../values/token_shape.ts";
import { claimsOf, openAiClaim } from "./jwt.ts";
import { keptEntry } from "./kept_tokens.ts";
import { collectionReason, type NoKeyReason, reasonText, shapeReason, textReason } from "./no_key.ts";
import { type KeyWay, wayOf } from "./own_upstream.ts";
import { foreignFieldReason, foreignReason } from "./provider.ts";
import { SENT_NAMES, TOKEN_NAMES } from "./token_names.ts";

/** One usable key, as its auth file describes it. */
export interface AuthRecord extends KeyWay {
  /** File name inside the auth dir; the key's name everywhere. */
  readonly file: string;
  /** The access token or API key. Every HTTP header can carry it. */
  readonly token: Secret;
  /**
   * The account or workspace that pays, as the header `chatgpt-account-id` names it; `undefined` when the file does not
   * say, as with an API key.
   */
  readonly accountId: string | undefined;
  /** For display, without control characters; `undefined` when the file does not say. */
  readonly email: string | undefined;
  /** As the provider calls it: plus, pro, team…; for display. `undefined` when the file does not say. */
  readonly plan: string | undefined;
  /**
   * When the access token expires, by its `exp` claim (RFC 7519 §4.1.4), epoch milliseconds; `undefined` for a token
   * without one.
   */
  readonly expiresAtMs: number | undefined;
  /** Its file holds a refresh token too, with which the access token may be renewed. */
  readonly hasRefreshToken: boolean;
  /** The user has switched it off: it is shown, and never used. */
  readonly isDisabled: boolean;
  /** From -{@link MAX_PRIORITY} to {@link MAX_PRIORITY}; 0 when the file does not say. */
  readonly priority: number;
  /** What the user calls it; `undefined` when the file does not say. */
  readonly alias: string | undefined;
  /** Its tokens are in the keyring of the system, not in its file. */
  readonly isInKeyring: boolean;
}

/** The highest priority of a key. */
export const MAX_PRIORITY = 100;

/** A file in the auth dir that gives no key, and why. */
export interface RejectedFile {
  /** Its name inside the auth dir. */
  readonly file: string;
  /** Completes "this file is not usable: ". Contains nothing from the file. */
  readonly reason: string;
}

/** What became of an auth file. */
export type ParsedAuth =
  | { readonly kind: "key"; readonly record: AuthRecord }
  /** `what` is the reason without the advice to import the file. */
  | { readonly kind: "rejected"; readonly what: string } & RejectedFile;

/** The largest auth file that is read; real ones have a few kilobytes. */
export const MAX_AUTH_FILE_BYTES = 2 ** 20;

/** Whether a name in the auth dir belongs to an auth file: `*.json`, but no hidden file and none of the proxy's own. */
export function isAuthFileName(name: string): boolean {
  return name.endsWith(".json") && !isHiddenOrOwn(name);
}

/** Whether a name was probably meant for an auth file: `work.JSON`, `work.json.txt`. */
export function isMisnamedAuthFile(name: string): boolean {
  return /\.json(?:\.txt)?$/i.test(name) && !name.endsWith(".json") && !isHiddenOrOwn(name);
}

function isHiddenOrOwn(name: string): boolean {
  return name.startsWith(".") || isOwnFileName(name);
}

/**
 * Reads one auth file. `file` is its name and becomes the key's name. Never throws: a file that gives no key is
 * rejected.
 */
export function parseAuthFile(file: string, text: string): ParsedAuth {
  const rejected = (why: string | NoKeyReason): ParsedAuth => rejectedFile(file, why);
  const json = parseJson(text);
  if (!isObject(json)) return rejected(textReason(text, json));
  const content = authFileOf(json);
  const found = findToken(json);
  if (found.kind === "none") return rejected(noTokenReason(json, found.reason));
  const reason = tokenReason(json, found.token);
  if (reason !== undefined) return rejected(reason);
  const { isDisabled, priority, alias } = content;
  const way = wayOf(json);
  if (typeof way === "string") return rejected(way);
  const identity = identityOf(content, found.token);
  if (!fitsHeader(identity.accountId ?? "")) {
    return rejected("the account id has characters that no HTTP header may carry");
  }
  const hasRefreshToken = content.refreshToken !== undefined;
  const token = new Secret(found.token);
  const isInKeyring = keptEntry(text) !== undefined;
  const record = {
    file,
    token,
    ...identity,
    hasRefreshToken,
    isDisabled,
    priority,
    alias,
    isInKeyring,
    ...way,
  };
  return { kind: "key", record };
}

/** A file that gives no key. */
export function rejectedFile(
  file: string,
  why: string | NoKeyReason,
): Extract<ParsedAuth, { kind: "rejected" }> {
  const reason = typeof why === "string" ? { what: why, advice: undefined } : why;
  return { kind: "rejected", file, reason: reasonText(reason), what: reason.what };
}

/** Why no token was found, the more telling reasons first; `plain` is the last. */
function noTokenReason(json: JsonObject, plain: string): string | NoKeyReason {
  return collectionReason(json) ?? foreignReason(json, undefined) ?? shapeReason(json) ??
    foreignFieldReason(json) ?? plain;
}

/** Why the token that was found is not used; `undefined` for a good one. */
function tokenReason(json: JsonObject, token: string): string | undefined {
  const foreign = foreignReason(json, token);
  if (foreign !== undefined) return foreign;
  if (!fitsHeader(token)) return "the token has characters that no HTTP header may carry";
  return tokenShape(token) === "refresh_token"
    ? "a refresh token is where the access token should be"
    : undefined;
}

// The last moment that a Date can hold, in seconds; a later `exp` is not a time.
const MAX_DATE_S = 8.64e12;

/** What else than its credential a file says. */
interface AuthFile {
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
  readonly accountId: string | undefined;
  readonly email: string | undefined;
  readonly alias: string | undefined;
  readonly isDisabled: boolean;
  readonly priority: number;
}

// No field has to be there, and one of another type than expected counts as absent; only a credential is looked at more
// closely, to say what is wrong with it. No zod schema: it takes 4 ms to load, twice in each start of the proxy.
function authFileOf(json: JsonObject): AuthFile {
  const inner = (name: string) => member(member(json, "tokens"), name);
  const text = (name: string) => filledText(inner(name)) ?? filledText(member(json, name));
  return {
    refreshToken: text("refresh_token"),
    idToken: text("id_token"),
    accountId: text("account_id"),
    email: labelIn(inner("email")) ?? labelIn(member(json, "email")),
    alias: labelIn(member(json, "alias")),
    isDisabled: isOn(member(json, "disabled")),
    priority: priorityIn(member(json, "priority")),
  };
}

/** A text that can be shown: labels are printed on terminals, where a control character could move the cursor. */
function labelIn(value: unknown): string | undefined {
  const text = filledText(value);
  return text !== undefined && /^\P{C}*$/u.test(text) ? text : undefined;
}

// People and tools write switches in all of these ways.
function isOn(value: unknown): boolean {
  return ["boolean", "number", "string"].includes(typeof value) &&
    /^\s*(?:true|1|yes|on)\s*$/i.test(String(value));
}

function priorityIn(value: unknown): number {
  // JSON can hold a number that is none, such as 1e999.
  const isNumber = typeof value === "number" && Number.isFinite(value);
  const number = isNumber || typeof value === "string" ? Math.trunc(Number(value)) : NaN;
  // Adding 0 makes -0 a plain 0.
  return Number.isNaN(number) ? 0 : Math.min(MAX_PRIORITY, Math.max(-MAX_PRIORITY, number)) + 0;
}

const QUOTES = "\"'`\u201C\u201D";
// `Bearer "token"` in quotes is as far as pasting goes.
const MAX_LAYERS = 4;

/** A token without what a paste brings along: white space, quotes, `Bearer`. */
function unwrapped(text: string): string {
  let token = text.trim();
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    if (token !== "" && QUOTES.includes(token.charAt(0))) token = token.slice(1);
    if (token !== "" && QUOTES.includes(token.charAt(token.length - 1))) token = token.slice(0, -1);
    token = token.trim().replace(/^(?:authorization:\s*)?bearer(?:\s+|$)/i, "");
  }
  return token;
}

type FoundToken =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "none"; readonly reason: string };

// Codex writes null beside the credential that is in use, so a place without a usable credential is skipped. When all
// are, the first that held anything gives the reason.
function findToken(json: JsonObject): FoundToken {
  const places = [
    member(member(json, "tokens"), "access_token"),
    ...SENT_NAMES.map((name) => member(json, name)),
  ];
  const texts = places.filter((place) => place !== undefined && place !== null)
    .map((place) => typeof place === "string" ? unwrapped(place) : undefined);
  const token = texts.find((text) => text);
  if (token !== undefined) return { kind: "token", token };
  if (texts.length > 0) {
    return { kind: "none", reason: `the token is ${texts[0] === "" ? "empty" : "not text"}` };
  }
  return {
    kind: "none",
    reason: `no token in it (looked for tokens.access_token, ${TOKEN_NAMES.join(", ")})`,
  };
}

/**
 * Whether a key's token has expired by its own `exp`. Clocks differ, so such a key is still tried when no other is
 * left.
 */
export function isExpired(
  { record: { expiresAtMs } }: { readonly record: Pick<AuthRecord, "expiresAtMs"> },
  nowMs: number,
): boolean {
  return expiresAtMs !== undefined && expiresAtMs <= nowMs;
}

type IdentityOfKey = Pick<AuthRecord, "accountId" | "email" | "plan" | "expiresAtMs">;

function identityOf({ idToken, accountId, email }: AuthFile, token: string): IdentityOfKey {
  const [idClaims, tokenClaims] = [claimsOf(idToken ?? ""), claimsOf(token)];
  const claimed = (name: string, read: (value: unknown) => string | undefined) =>
    read(openAiClaim(idClaims, name)) ?? read(openAiClaim(tokenClaims, name));
  return {
    accountId: accountId ?? claimed("chatgpt_account_id", filledText),
    email: labelIn(member(idClaims, "email")) ?? email,
    plan: claimed("chatgpt_plan_type", labelIn),
    expiresAtMs: expiryIn(tokenClaims),
  };
}

function expiryIn(claims: unknown): number | undefined {
  const exp = member(claims, "exp");
  return typeof exp === "number" && exp > 0 && exp <= MAX_DATE_S ? Math.round(exp * 1000) : undefined;
}

// A field value is visible ASCII and spaces (RFC 9110 §5.5).
function fitsHeader(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
