/**
 * What an error code of the upstream means, for a person. The codes are those that the Codex backend and the OpenAI
 * API have been seen to send, and the few that the proxy itself gives; one that is not here is shown as it is.
 * @module
 */

export interface Cause {
  /** Completes "this key is out because …". */
  readonly says: string;
  /** What a person can do about it; absent when time alone helps. */
  readonly mend?: string;
}

const LOG_IN_AGAIN = 'log in again with "codex login", then "cdx2 auth import --replace"';
const NEW_KEY = "put a valid key into the file";
const ASK_PROVIDER = "ask the provider, or take the file out of the auth dir";

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
    mend: "change the plan, or take the file out of the auth dir",
  }],
  ["insufficient_quota", { says: "the account has no credit left", mend: "add credit at the provider" }],
  ["token_expired", { says: "its token has ended", mend: LOG_IN_AGAIN }],
  ["token_revoked", { says: "its token was revoked", mend: LOG_IN_AGAIN }],
  ["token_invalidated", {
    says: "its token was made invalid, by signing out or by a newer login",
    mend: LOG_IN_AGAIN,
  }],
  ["invalid_token", { says: "the upstream does not know its token", mend: LOG_IN_AGAIN }],
  ["invalid_api_key", { says: "the upstream does not know this API key", mend: NEW_KEY }],
  ["account_deactivated", { says: "the account has been deactivated", mend: ASK_PROVIDER }],
  ["deactivated_workspace", { says: "the workspace has been deactivated", mend: ASK_PROVIDER }],
  ["http_401", { says: "the upstream refused its token, and gave no reason", mend: LOG_IN_AGAIN }],
  ["http_403", { says: "the upstream forbids it, and gave no reason", mend: ASK_PROVIDER }],
]);

/** The code itself stands for a cause that is not known. */
export function causeOf(code: string): Cause {
  return CAUSES.get(code) ?? { says: code };
}
