// Auth files with logins, as Codex writes them; their tokens are JWTs with a signature that nobody checks.

import { type HeldLogin, heldLogin } from "../../src/credentials/held_login.ts";
import { T0 } from "./builders.ts";
import { jwt } from "./jwt.ts";

const HOUR_MS = 3_600_000;

export interface LoginOptions {
  readonly refreshToken?: string | undefined;
  readonly account?: string;
  readonly user?: string;
  /** `null`: the tokens do not name it. */
  readonly session?: string | null;
  /** Default: an hour before {@link T0}. */
  readonly issuedAtMs?: number;
  /** Default: ten hours. */
  readonly lifeMs?: number;
  /** More members of the file. */
  readonly more?: object;
  /** More members of `tokens`. */
  readonly moreTokens?: object;
}

export function accessToken(
  {
    account = "acct-1",
    user = "user-1",
    session = "session-1",
    issuedAtMs = T0 - HOUR_MS,
    lifeMs = 10 * HOUR_MS,
  }: LoginOptions,
): string {
  return jwt({
    iat: issuedAtMs / 1000,
    exp: (issuedAtMs + lifeMs) / 1000,
    "https://api.openai.com/auth": { chatgpt_account_id: account, chatgpt_user_id: user },
    ...(session === null ? {} : { session_id: session }),
  });
}

/** The text of an auth file. */
export function loginFile(options: LoginOptions = {}): string {
  const { refreshToken = "rt_1", account = "acct-1", more = {}, moreTokens = {} } = options;
  const tokens = {
    id_token: jwt({ email: "ann@example.com" }),
    access_token: accessToken(options),
    ...("refreshToken" in options && options.refreshToken === undefined
      ? {}
      : { refresh_token: refreshToken }),
    account_id: account,
    ...moreTokens,
  };
  const file = { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens, last_refresh: "2026-01-01T00:00:00Z" };
  return JSON.stringify({ ...file, ...more }, null, 2);
}

/** What such a file holds. */
export function aLogin(options: LoginOptions = {}): HeldLogin {
  return heldLogin(loginFile(options))!;
}
