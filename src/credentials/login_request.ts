/**
 * What a login in the browser asks the issuer for, and what the issuer sends back through the browser (RFC 6749 §4.1 with
 * PKCE, RFC 7636). Pure.
 * @module
 */

import { createHash } from "node:crypto";
import { Secret } from "../values/secret.ts";

/** One login that was begun: what only its own answer can know. */
export interface LoginAttempt {
  /** Comes back with the answer, and tells it from a forged one. */
  readonly state: string;
  /** Proves at the exchange that the same program began the login. */
  readonly verifier: Secret;
  /** Where the issuer sends the browser; the same text again at the exchange. */
  readonly redirectUri: string;
}

// As Codex asks for them (measured with Codex CLI 0.169.0): what the backend's Codex routes need, and a refresh token.
const SCOPE = "openid profile email offline_access api.connectors.read api.connectors.invoke";

const CALLBACK_PATH = "/auth/callback";

/** A new attempt that answers at `port` of this machine. `random` makes a text of random bytes, as base64url. */
export function newAttempt(port: number, random: (byteCount: number) => string): LoginAttempt {
  return {
    state: random(32),
    verifier: new Secret(random(64)),
    redirectUri: `http://127.0.0.1:${port}${CALLBACK_PATH}`,
  };
}

/** The page of the issuer on which the user logs in. */
export function authorizeUrl(issuer: string, clientId: string, attempt: LoginAttempt): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: attempt.redirectUri,
    scope: SCOPE,
    code_challenge: challengeOf(attempt.verifier),
    code_challenge_method: "S256",
    id_token_add_organizations: "true",
    codex_cli_simplified_flow: "true",
    state: attempt.state,
  });
  // As Codex writes blanks: not every server reads a plus as one.
  return `${issuer}/oauth/authorize?${query.toString().replaceAll("+", "%20")}`;
}

/** The challenge that belongs to a verifier (RFC 7636 §4.2). */
export function challengeOf(verifier: Secret): string {
  return createHash("sha256").update(verifier.reveal()).digest("base64url");
}

/** What the issuer sent back through the browser. */
export type Callback =
  /** Good: only this ends a login well. */
  | { readonly kind: "code"; readonly code: Secret }
  /** The issuer ended the login. `code` is its error, such as `access_denied`; `undefined` when it names none. */
  | { readonly kind: "ended"; readonly code: string | undefined }
  /** Not the answer to this attempt. */
  | { readonly kind: "not_ours"; readonly reason: string };

/** Reads the query of a request to {@link CALLBACK_PATH}, without looking at anything else of it. */
export function readCallback(query: URLSearchParams, { state }: LoginAttempt): Callback {
  const given = query.get("state");
  if (given === null) return { kind: "not_ours", reason: "there is no state in it" };
  if (given !== state) return { kind: "not_ours", reason: "its state is that of another login" };
  const error = query.get("error");
  if (error !== null) return { kind: "ended", code: /^[\w.-]{1,80}$/.test(error) ? error : undefined };
  const code = query.get("code");
  return code
    ? { kind: "code", code: new Secret(code) }
    : { kind: "not_ours", reason: "there is no code in it" };
}

/** Whether a path is the one that the issuer sends the browser to. */
export function isCallbackPath(path: string): boolean {
  return path === CALLBACK_PATH;
}

/** Reads what the user pasted: the whole address of the page on which the browser ended, or its query. */
export function readPasted(text: string, attempt: LoginAttempt): Callback {
  const pasted = text.trim().replace(/^["'<]+|["'>]+$/g, "").replace(/&amp;/g, "&");
  const query = /[?#](.*)$/s.exec(pasted)?.[1] ?? (/^[\w%.-]+=/.test(pasted) ? pasted : undefined);
  if (query === undefined) return { kind: "not_ours", reason: "it is not the address of a page with a code" };
  return readCallback(new URLSearchParams(query.replace(/#.*$/s, "")), attempt);
}
