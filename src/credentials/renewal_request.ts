/**
 * Sends a refresh token. Callers note that before, because a token that was sent may be used up.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import type { LoginLine } from "./held_login.ts";
import { type RenewalAnswer, renewalAnswer } from "./renewal_answer.ts";
import { askTokenEndpoint, type TokenEndpointOptions } from "./token_endpoint.ts";

/** A refresh token to send. */
export interface TokenToRenew {
  /** The token. */
  readonly refreshToken: Secret;
  /** The program that it was given to. */
  readonly clientId: string;
  /** Whose login it is, as far as that is known. */
  readonly line: LoginLine;
}

// The issuer was seen to take seconds; an answer that we do not wait for may cost the login.
const ANSWER_TIMEOUT_MS = 60_000;

/** Sends a refresh token, once. Rejects only for a bug. */
export async function sendRefreshToken(
  options: Omit<TokenEndpointOptions, "timeoutMs">,
  { refreshToken, clientId, line }: TokenToRenew,
): Promise<RenewalAnswer> {
  const fields = {
    client_id: clientId,
    grant_type: "refresh_token",
    refresh_token: refreshToken.reveal(),
  };
  const timed = { ...options, timeoutMs: ANSWER_TIMEOUT_MS };
  return renewalAnswer(await askTokenEndpoint(timed, { format: "json", fields }), line);
}
