/**
 * What an error code of the upstream means to the user. The codes are those that the Codex backend and the OpenAI
 * API have been seen to send, and the few that the proxy itself gives; one that is not here is shown as it is.
 * @module
 */

/** What an error code means. */
export interface Cause {
  /** Completes "this key is not used because …". */
  readonly says: string;
  /** What the user can do about it, with `KEY` for the name of the key; absent when only time helps. */
  readonly fix?: string;
}

/**
 * What the user can do when only a new login helps, with `KEY` for the name of the key. Never "codex login" in the home of
 * Codex: it ends the login that it replaces (measured with Codex CLI 0.169.0).
 */
export const LOG_IN_AGAIN = 'log in again with "cdx2 auth login --replace KEY"';
const NEW_KEY = "put a valid key into the file";
const OR_REMOVE = 'or remove it with "cdx2 auth remove KEY"';
const ASK_PROVIDER = `ask the provider, ${OR_REMOVE}`;

const CAUSES: ReadonlyMap<string, Cause> = new Map<string, Cause>([
  ["usage_limit_reached", { says: "the account has used up its usage limit" }],
  ["workspace_member_usage_limit_reached", { says: "the member has used up the limit of the workspace" }],
  ["workspace_owner_usage_limit_reached", { says: "the workspace has used up its usage limit" }],
  ["rate_limit_exceeded", { says: "it sent too many requests in a short time" }],
  ["rate_limit_reached", { says: "it sent too many requests in a short time" }],
  ["http_429", { says: "the upstream limits it, and gave no reason" }],
  ["rate_limited_persistent", {
    says: "the upstream limited it again and again without naming a time",
  }],
  ["usage_not_included", {
    says: "the account's plan does not include this usage",
    fix: `change the plan, ${OR_REMOVE}`,
  }],
  ["insufficient_quota", { says: "the account has no credit left", fix: "add credit at the provider" }],
  ["token_expired", { says: "its token has expired", fix: LOG_IN_AGAIN }],
  ["token_revoked", { says: "its token was revoked", fix: LOG_IN_AGAIN }],
  ["token_invalidated", {
    says: "its token was made invalid, by signing out or by a newer login",
    fix: LOG_IN_AGAIN,
  }],
  ["invalid_token", { says: "the upstream does not know its token", fix: LOG_IN_AGAIN }],
  ["invalid_api_key", { says: "the upstream does not know this API key", fix: NEW_KEY }],
  ["account_deactivated", { says: "the account has been deactivated", fix: ASK_PROVIDER }],
  ["deactivated_workspace", { says: "the workspace has been deactivated", fix: ASK_PROVIDER }],
  ["http_401", { says: "the upstream refused its token, and gave no reason", fix: LOG_IN_AGAIN }],
  ["http_403", { says: "the upstream forbids it, and gave no reason", fix: ASK_PROVIDER }],
]);

/** What is known about the code; one that is not known is its own explanation. */
export function causeOf(code: string): Cause {
  return CAUSES.get(code) ?? { says: code };
}
