/**
 * What an answer of the token endpoint means for the refresh token that was sent: it is used up, refused for good, still
 * good, or nobody knows.
 * @module
 */

import { claimsOf, openAiClaim } from "../auth/jwt.ts";
import type { LoginLine } from "./held_login.ts";
import type { IssuedTokens, TokenAnswer, TokenRefusal } from "./token_endpoint.ts";

/** What came of sending a refresh token. */
export type RenewalAnswer =
  /** New tokens of the same account. */
  | { readonly kind: "renewed"; readonly tokens: IssuedTokens }
  /** It is refused for good. `code` is the issuer's. */
  | { readonly kind: "dead"; readonly code: string }
  /** It was not used and may be sent later. `retryAfterMs`: not before, as the issuer says. */
  | { readonly kind: "failed"; readonly reason: string; readonly retryAfterMs: number | undefined }
  /** It may be used up. */
  | { readonly kind: "unknown"; readonly reason: string };

/** The meaning of an answer to a renewal of this login. Reasons hold no token. */
export function renewalAnswer(answer: TokenAnswer, line: LoginLine): RenewalAnswer {
  switch (answer.kind) {
    case "tokens":
      return isSameAccount(answer.tokens, line)
        ? { kind: "renewed", tokens: answer.tokens }
        : { kind: "unknown", reason: "the issuer answered with tokens of another account" };
    case "refused":
      return refused(answer);
    case "not_sent":
      return {
        kind: "failed",
        reason: `the issuer is not reachable: ${answer.reason}`,
        retryAfterMs: undefined,
      };
    case "unknown":
      return { kind: "unknown", reason: answer.reason };
  }
}

// Collected from captures of clients and threads: each means that this refresh token will never work again.
const DEAD_CODES: ReadonlySet<string> = new Set([
  "refresh_token_expired",
  "refresh_token_reused",
  "refresh_token_invalidated",
  "invalid_refresh_token",
  "invalid_grant",
  "app_session_terminated",
  "account_session_expired",
  "token_expired",
]);

// They are about the program that asks, or about the moment: another try may succeed.
const OTHER_CODES: ReadonlySet<string> = new Set([
  "invalid_client",
  "unauthorized_client",
  "unsupported_grant_type",
  "temporarily_unavailable",
  "server_error",
  "slow_down",
  "rate_limit_exceeded",
]);

function refused({ status, code, retryAfterMs }: TokenRefusal): RenewalAnswer {
  if (status === 200) {
    return { kind: "failed", reason: "the issuer's answer holds no access token", retryAfterMs };
  }
  const isOfClient = status >= 400 && status < 500 && status !== 429;
  if (
    isOfClient && code !== undefined && (DEAD_CODES.has(code) || (status === 401 && !OTHER_CODES.has(code)))
  ) {
    return { kind: "dead", code };
  }
  const named = code === undefined ? "" : ` (${code})`;
  return { kind: "failed", reason: `the issuer answered with status ${status}${named}`, retryAfterMs };
}

/** Tokens that do not say whose they are count as those of the account that asked. */
function isSameAccount({ accessToken }: IssuedTokens, { accountId }: LoginLine): boolean {
  const account = openAiClaim(claimsOf(accessToken.reveal()), "chatgpt_account_id");
  return typeof account !== "string" || accountId === undefined || account === accountId;
}

const MINUTE_MS = 60_000;
const BACK_OFF_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS] as const;
const JITTER = 0.3;

/**
 * How long to wait after this many failures in a row: 1, 5, 15, then 60 minutes, each up to 30 % shorter or longer, as
 * `share` from 0 to 1 says.
 */
export function backOffMs(failures: number, share: number): number {
  const base = BACK_OFF_MS[Math.min(Math.max(1, failures), BACK_OFF_MS.length) - 1]!;
  return Math.round(base * (1 - JITTER + 2 * JITTER * share));
}
