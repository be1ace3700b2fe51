// Questions that Codex asks its backend and that the proxy answers itself, because no key of the pool may.

import { claimsOf, openAiClaim } from "../auth/jwt.ts";

/** Codex asks before its first model request which backend serves its workspace, under two base paths. */
export function isAccountsCheck(method: string, path: string): boolean {
  return method === "GET" && /\/(wham|api\/codex)\/accounts\/check$/.test(path);
}

/**
 * The answer for the account that the client itself is logged in to. A pool key's answer would name another account,
 * and Codex then sends no request at all; the real one may name an origin that Codex refuses over plain HTTP.
 * `undefined` when the client names no account.
 */
export function accountsCheck(headers: Headers): object | undefined {
  const token = headers.get("authorization")?.replace(/^bearer\s+/i, "") ?? "";
  const claims = claimsOf(token);
  const id = headers.get("chatgpt-account-id") ?? openAiClaim(claims, "chatgpt_account_id");
  if (typeof id !== "string" || id === "") return undefined;
  const entry = {
    id,
    name: null,
    structure: "personal",
    plan_type: openAiClaim(claims, "chatgpt_plan_type") ?? "unknown",
    // Codex puts this origin in place of a model URL's only where both base URLs share one origin.
    workspace_backend_origin: "https://chatgpt.com",
    account_routing_override: "NO_CONSTRAINT",
  };
  return { accounts: [entry], account_ordering: [id], default_account_id: id };
}
