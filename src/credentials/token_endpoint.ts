/**
 * The issuer's token endpoint (RFC 6749 §3.2): one POST, and what its answer means. Whether the request left this machine
 * decides whether it may be sent again: a code or a refresh token that the issuer has seen may be used up, also when
 * no answer came. No text from the answer is repeated, which may hold a token.
 * @module
 */

import * as z from "zod/mini";
import { type Clock, withDeadline } from "../system/clock.ts";
import { type Send, SendError } from "../system/http.ts";
import { parseJson } from "../values/json.ts";
import { Secret } from "../values/secret.ts";
import { latencyText } from "../values/durations.ts";

/** How the token endpoint is reached. */
export interface TokenEndpointOptions {
  /** The way out. */
  readonly send: Send;
  /** Measures the timeout. */
  readonly clock: Clock;
  /** Of the issuer, without a slash at its end. */
  readonly issuer: string;
  /** For the whole answer. */
  readonly timeoutMs: number;
}

/** The fields of a request, and how they are written: codes are exchanged with a form, tokens renewed with JSON. */
export interface TokenRequest {
  /** How the body is written. */
  readonly format: "form" | "json";
  /** Among them `grant_type`, and a secret. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Tokens as the issuer gives them out; each that is not in the answer is `undefined`. */
export interface IssuedTokens {
  /** Never empty. */
  readonly accessToken: Secret;
  /** `undefined`: the one that was sent stays valid, or there is none. */
  readonly refreshToken: Secret | undefined;
  /** Says who logged in. */
  readonly idToken: Secret | undefined;
}

/** What came of a request to the token endpoint. */
export type TokenAnswer =
  | { readonly kind: "tokens"; readonly tokens: IssuedTokens }
  | TokenRefusal
  /** Nothing left this machine, so it may be sent again. `reason` completes "the issuer is not reachable: ". */
  | { readonly kind: "not_sent"; readonly reason: string }
  /** It was sent, and no whole answer came: what it held may be used up. */
  | { readonly kind: "unknown"; readonly reason: string };

/** A whole answer without tokens. */
export interface TokenRefusal {
  /** Tells it from the other answers. */
  readonly kind: "refused";
  /** The HTTP status; 200 for an answer without an access token. */
  readonly status: number;
  /** The code of the error, such as `invalid_grant`; `undefined` when the answer names none. */
  readonly code: string | undefined;
  /** When to ask again, as the answer says; `undefined` when it does not. */
  readonly retryAfterMs: number | undefined;
}

/** Sends one request, once. Rejects only for a bug. */
export async function askTokenEndpoint(
  options: TokenEndpointOptions,
  request: TokenRequest,
): Promise<TokenAnswer> {
  return await postToIssuer(options, { ...request, path: "/oauth/token" }, tokenAnswerIn);
}

/** A request to another path of the issuer. */
export interface IssuerRequest extends TokenRequest {
  /** Begins with a slash. */
  readonly path: string;
}

/** A whole answer of the issuer. */
export interface IssuerAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The body as JSON; `undefined` when it is none. */
  readonly body: unknown;
  /** When to ask again, as the answer says; `undefined` when it does not. */
  readonly retryAfterMs: number | undefined;
}

/** No whole answer. */
export type NoAnswer = Extract<TokenAnswer, { readonly kind: "not_sent" | "unknown" }>;

/** Posts to the issuer and reads the answer with `read`. Rejects only for a bug. */
export async function postToIssuer<T>(
  options: TokenEndpointOptions,
  { path, ...request }: IssuerRequest,
  read: (answer: IssuerAnswer) => T,
): Promise<T | NoAnswer> {
  const [type, text] = bodyOf(request);
  const body = new TextEncoder().encode(text);
  return await askIssuer(options, { path, method: "POST", headers: { "content-type": type }, body }, read);
}

/** A request to the issuer as it is sent. */
export interface RawIssuerRequest {
  /** Begins with a slash. */
  readonly path: string;
  /** In capital letters. */
  readonly method: "GET" | "POST";
  /** Besides `accept`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: none. */
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Asks the issuer for JSON and reads the answer with `read`. Rejects only for a bug. */
export async function askIssuer<T>(
  { send, clock, issuer, timeoutMs }: TokenEndpointOptions,
  { path, headers: named, ...request }: RawIssuerRequest,
  read: (answer: IssuerAnswer) => T,
): Promise<T | NoAnswer> {
  const headers = new Headers({ accept: "application/json", ...named });
  try {
    const answer = await withDeadline(clock, timeoutMs, async (signal) => {
      const response = await send({ url: issuer + path, headers, signal, ...request });
      return { response, text: await wholeText(response) };
    });
    if (!answer) return { kind: "unknown", reason: `no answer within ${latencyText(timeoutMs)}` };
    const { status, headers: head } = answer.response;
    const retryAfterMs = retryAfterIn(head.get("retry-after"), clock.nowMs());
    return read({ status, body: parseJson(answer.text), retryAfterMs });
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return { kind: error.failure === "not_sent" ? "not_sent" : "unknown", reason: error.message };
  }
}

function bodyOf({ format, fields }: TokenRequest): readonly [type: string, text: string] {
  return format === "json"
    ? ["application/json", JSON.stringify(fields)]
    : ["application/x-www-form-urlencoded", new URLSearchParams(fields).toString()];
}

async function wholeText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch {
    throw new SendError("interrupted", "the answer broke off");
  }
}

/** Made for the first answer: a command that asks nothing does not pay for it. */
let made: ReturnType<typeof makeSchemas> | undefined;
function schemas() {
  return made ??= makeSchemas();
}

function makeSchemas() {
  const text = z.catch(z.optional(z.string().check(z.minLength(1))), undefined);
  const code = z.catch(z.optional(z.string().check(z.regex(/^[\w.-]{1,80}$/))), undefined);
  return {
    tokens: z.catch(z.object({ access_token: text, refresh_token: text, id_token: text }), {}),
    // `error` is a code (RFC 6749 §5.2), or an object with one, as OpenAI's APIs write it.
    error: z.catch(
      z.object({
        error: z.catch(z.union([z.object({ code, type: code }), code]), undefined),
        code,
      }),
      {},
    ),
  };
}

function tokenAnswerIn({ status, body, retryAfterMs }: IssuerAnswer): TokenAnswer {
  const { access_token, refresh_token, id_token } = z.parse(schemas().tokens, body);
  if (status !== 200 || access_token === undefined) {
    return { kind: "refused", status, code: errorCodeIn(body), retryAfterMs };
  }
  const secret = (token: string | undefined) => token === undefined ? undefined : new Secret(token);
  const [refreshToken, idToken] = [secret(refresh_token), secret(id_token)];
  return { kind: "tokens", tokens: { accessToken: new Secret(access_token), refreshToken, idToken } };
}

/** The code of an error in an answer of the issuer; `undefined` when it names none. */
export function errorCodeIn(body: unknown): string | undefined {
  const { error, code } = z.parse(schemas().error, body);
  if (typeof error === "string") return error;
  return error?.code ?? error?.type ?? code;
}

// Longer than this, nobody waits; it also keeps a wrong date from becoming an endless wait.
const MAX_RETRY_AFTER_MS = 60 * 60 * 1000;

/** The time that a `Retry-After` names (RFC 9110 §10.2.3: seconds or a date), at most an hour; else `undefined`. */
function retryAfterIn(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const delayMs = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(delayMs) ? undefined : Math.min(Math.max(0, delayMs), MAX_RETRY_AFTER_MS);
}
