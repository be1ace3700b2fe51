/**
 * What kind of credential a token is. Pure.
 * @module
 */

import type { Secret } from "../values/secret.ts";

/** A login ends and can be renewed; an API key is of the platform, and ChatGPT's backend does not take it. */
export type CredentialKind = "login" | "api_key" | "personal_token";

/** Read off how the token begins, as OpenAI makes them. */
export function credentialKind(token: Secret): CredentialKind {
  const text = token.reveal();
  if (text.startsWith("sk-")) return "api_key";
  return text.startsWith("at-") ? "personal_token" : "login";
}
