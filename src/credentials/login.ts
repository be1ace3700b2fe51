/**
 * A login, whichever way it was made: what became of it, the exchange of its code for tokens, and the auth file that it
 * becomes. Nothing that existed before is touched, and nothing is ever revoked.
 * @module
 */

import { claimsOf, openAiClaim } from "../auth/jwt.ts";
import type { Secret } from "../values/secret.ts";
import {
  askTokenEndpoint,
  type IssuedTokens,
  type NoAnswer,
  type TokenEndpointOptions,
} from "./token_endpoint.ts";

/** How a login ended. */
export type LoginOutcome =
  | { readonly kind: "tokens"; readonly tokens: IssuedTokens }
  /** `reason` completes "Cannot log in: "; `hint` is what the user can do. */
  | LoginFailure;

/** A login that did not succeed. */
export interface LoginFailure {
  /** Tells it from a login. */
  readonly kind: "failed";
  /** Completes "Cannot log in: ". */
  readonly reason: string;
  /** What the user can do; `undefined` when the reason says it. */
  readonly hint: string | undefined;
}

/** A {@link LoginFailure}. */
export function loginFailed(reason: string, hint?: string): LoginFailure {
  return { kind: "failed", reason, hint };
}

/** Who asks for a login, and where. */
export interface LoginClient extends TokenEndpointOptions {
  /** As registered at the issuer. */
  readonly clientId: string;
}

/** What a code is exchanged with. */
export interface CodeToExchange {
  /** Good for one exchange. */
  readonly code: Secret;
  /** Of the same attempt (RFC 7636). */
  readonly verifier: Secret;
  /** As it was when the code was asked for. */
  readonly redirectUri: string;
}

const TRIES = 3;
const PAUSE_MS = 1000;

/** Exchanges a code for tokens. It is sent again only when it has not left this machine. */
export async function exchangeCode(client: LoginClient, toExchange: CodeToExchange): Promise<LoginOutcome> {
  const fields = {
    grant_type: "authorization_code",
    client_id: client.clientId,
    code: toExchange.code.reveal(),
    redirect_uri: toExchange.redirectUri,
    code_verifier: toExchange.verifier.reveal(),
  };
  for (let left = TRIES;; left--) {
    const answer = await askTokenEndpoint(client, { format: "form", fields });
    if (answer.kind === "tokens") return answer;
    if (answer.kind === "not_sent" && left > 1) {
      await client.clock.sleep(PAUSE_MS);
      continue;
    }
    if (answer.kind !== "refused") return noAnswerFailure(answer);
    return loginFailed(`the issuer gave no tokens (${statusText(answer)})`, "log in again");
  }
}

/** A failure because the issuer did not answer. */
export function noAnswerFailure({ kind, reason }: NoAnswer): LoginFailure {
  return kind === "not_sent"
    ? loginFailed(
      `the issuer is not reachable: ${reason}`,
      "check the network, and HTTPS_PROXY where one is needed",
    )
    : loginFailed(`the issuer did not answer: ${reason}`, "log in again");
}

/** `status 400, invalid_grant`: an answer of the issuer in a message. */
export function statusText({ status, code }: { status: number; code: string | undefined }): string {
  return code === undefined ? `status ${status}` : `status ${status}, ${code}`;
}

/** What the auth file says besides the tokens. */
export interface LoginFileOptions {
  /** Who gave out the tokens. */
  readonly issuer: string;
  /** The program that asked for them. */
  readonly clientId: string;
  /** When they were given out. */
  readonly nowMs: number;
}

/** The text of the auth file for new tokens, in the shape of Codex. */
export function loginFile(
  { accessToken, idToken, refreshToken }: IssuedTokens,
  { issuer, clientId, nowMs }: LoginFileOptions,
): string {
  const [access, id] = [accessToken.reveal(), idToken?.reveal() ?? ""];
  const tokens = {
    id_token: id,
    access_token: access,
    // Codex refuses a login without this field.
    refresh_token: refreshToken?.reveal() ?? "",
    oauth_provenance: { issuer, client_id: clientId },
    account_id: accountIn(id) ?? accountIn(access),
  };
  const last_refresh = new Date(nowMs).toISOString();
  return JSON.stringify({ auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens, last_refresh }, null, 2);
}

function accountIn(token: string): string | undefined {
  const account = openAiClaim(claimsOf(token), "chatgpt_account_id");
  return typeof account === "string" ? account : undefined;
}
