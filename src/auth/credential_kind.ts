/**
 * What kind of credential a token is. Pure.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import { tokenShape } from "../values/token_shape.ts";

/** A login ends and can be renewed; an API key is of the platform, and ChatGPT's backend does not take it. */
export type CredentialKind = "login" | "api_key" | "personal_token";

/** Read off how the token begins, as OpenAI makes them. */
export function credentialKind(token: Secret): CredentialKind {
  const shape = tokenShape(token.reveal());
  return shape === "api_key" || shape === "personal_token" ? shape : "login";
}
