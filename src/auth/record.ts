/**
 * What a key is. An auth file is somebody else's JSON in one of several shapes; here its text becomes either a record
 * or a reason that tells the user what to fix. A reason never quotes the file, because the file holds secrets.
 * @module
 */

import * as z from "zod/mini";
import { isOwnFileName } from "../config/paths.ts";
import { isObject, type JsonObject, parseJson } from "../values/json.ts";
import { Secret } from "../values/secret.ts";
import { tokenShape } from "../values/token_shape.ts";
import { claimsOf, OPENAI_CLAIMS } from "./jwt.ts";
import { keptEntry } from "./kept_tokens.ts";
import { collectionReason, type NoKeyReason, reasonText, shapeReason, textReason } from "./no_key.ts";
import { type KeyWay, wayOf } from "./own_upstream.ts";
import { foreignFieldReason, foreignReason } from "./provider.ts";
import { SENT_NAMES, TOKEN_NAMES } from "./token_names.ts";
import { LAST_MOMENT_MS } from "../values/iso_time.ts";

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
  const { authFile } = schemas();
  const content = z.parse(authFile, json);
  const found = findToken(content);
  if (found.kind === "none") return rejected(noTokenReason(json, found.reason));
  const reason = tokenReason(json, found.token);
  if (reason !== undefined) return rejected(reason);
  const { disabled: isDisabled = false, priority = 0, alias } = content;
  const way = wayOf(json);
  if (typeof way === "string") return rejected(way);
  const identity = identityOf(content, found.token);
  if (!fitsHeader(identity.accountId ?? "")) {
    return rejected("the account id has characters that no HTTP header may carry");
  }
  const hasRefreshToken = (content.tokens?.refresh_token ?? content.refresh_token) !== undefined;
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

/** Made for the first file: a command that reads none does not pay for them. */
let made: ReturnType<typeof makeSchemas> | undefined;
function schemas() {
  return made ??= makeSchemas();
}

// No field has to be there, and one of another type than expected counts as absent; only a credential is looked at more
// closely, to say what is wrong with it.
function makeSchemas() {
  const filledText = z.string().check(z.trim(), z.minLength(1));
  const text = orAbsent(filledText);
  // Labels are printed on terminals, where a control character could move the cursor.
  const label = orAbsent(filledText.check(z.regex(/^\P{C}*$/u)));
  const place = z.optional(z.unknown());
  const tokens = z.object({
    access_token: place,
    refresh_token: text,
    id_token: text,
    account_id: text,
    email: label,
  });
  const word = z.union([z.boolean(), z.number(), z.string()]);
  return {
    credential: z.nullish(
      z.pipe(z.pipe(z.string(), z.transform(unwrapped)), z.string().check(z.minLength(1))),
    ),
    authFile: z.object({
      tokens: orAbsent(tokens),
      access_token: place,
      OPENAI_API_KEY: place,
      api_key: place,
      openai_api_key: place,
      token: place,
      personal_access_token: place,
      refresh_token: text,
      id_token: text,
      account_id: text,
      email: label,
      alias: label,
      disabled: orAbsent(z.pipe(word, z.transform(isOn))),
      priority: orAbsent(z.pipe(word, z.transform(priorityIn))),
    }),
    claims: z.object({
      email: label,
      exp: orAbsent(z.number().check(z.gt(0), z.lte(LAST_MOMENT_MS / 1000))),
      [OPENAI_CLAIMS]: orAbsent(z.object({ chatgpt_account_id: text, chatgpt_plan_type: label })),
    }),
  };
}

// People and tools write switches in all of these ways.
function isOn(value: boolean | number | string): boolean {
  return /^\s*(?:true|1|yes|on)\s*$/i.test(String(value));
}

function priorityIn(value: boolean | number | string): number {
  const number = typeof value === "boolean" ? NaN : Math.trunc(Number(value));
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

function orAbsent<T extends z.ZodMiniType>(schema: T) {
  return z.catch(z.optional(schema), undefined);
}

type AuthFile = z.infer<ReturnType<typeof makeSchemas>["authFile"]>;

type FoundToken =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "none"; readonly reason: string };

// Codex writes null beside the credential that is in use, so a place without a usable credential is skipped. When all
// are, the first that held anything gives the reason.
function findToken(file: AuthFile): FoundToken {
  const { credential } = schemas();
  const places = [file.tokens?.access_token, ...SENT_NAMES.map((name) => file[name])];
  const read = places.map((value) => z.safeParse(credential, value));
  const token = read.map(({ data }) => data).find((data) => typeof data === "string");
  if (token !== undefined) return { kind: "token", token };
  const [issue] = read.flatMap(({ error }) => error?.issues ?? []);
  if (issue) {
    return { kind: "none", reason: `the token is ${issue.code === "too_small" ? "empty" : "not text"}` };
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

function identityOf({ tokens, id_token, account_id, email }: AuthFile, token: string): IdentityOfKey {
  const { claims } = schemas();
  const idClaims = z.parse(claims, claimsOf(tokens?.id_token ?? id_token ?? ""));
  const tokenClaims = z.parse(claims, claimsOf(token));
  const idAccount = idClaims[OPENAI_CLAIMS];
  const tokenAccount = tokenClaims[OPENAI_CLAIMS];
  return {
    accountId: tokens?.account_id ?? account_id ?? idAccount?.chatgpt_account_id ??
      tokenAccount?.chatgpt_account_id,
    email: idClaims.email ?? tokens?.email ?? email,
    plan: idAccount?.chatgpt_plan_type ?? tokenAccount?.chatgpt_plan_type,
    expiresAtMs: tokenClaims.exp === undefined ? undefined : Math.round(tokenClaims.exp * 1000),
  };
}

// A field value is visible ASCII and spaces (RFC 9110 §5.5).
function fitsHeader(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
