// Auth files as Codex writes them.

import { T0 } from "./builders.ts";
import { jwt } from "./jwt.ts";

/** What a login says of itself. Two with the same words have the same tokens. */
export interface LoginWords {
  /** Default `ann@example.com`; undefined: it names none. */
  readonly email?: string | undefined;
  /** Default `acct-ann`. */
  readonly accountId?: string;
  /** Default `plus`. */
  readonly plan?: string;
  /** When its access token ends. Default: a day after {@link T0}. */
  readonly expiresAtMs?: number;
  readonly refreshToken?: string;
  /** Tells tokens apart that say the same. */
  readonly issue?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The text of an auth.json after `codex login`. */
export function codexLogin(words: LoginWords = {}): string {
  const { accountId = "acct-ann", plan = "plus", expiresAtMs = T0 + DAY_MS, refreshToken, issue = 1 } = words;
  const email = "email" in words ? words.email : "ann@example.com";
  const openAi = { chatgpt_account_id: accountId, chatgpt_plan_type: plan };
  const claims = { exp: Math.floor(expiresAtMs / 1000), issue, "https://api.openai.com/auth": openAi };
  const tokens = {
    id_token: jwt({ ...claims, email }),
    access_token: jwt(claims),
    refresh_token: refreshToken,
    account_id: accountId,
  };
  return JSON.stringify({ auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens }, null, 2);
}

/** The access token of an auth.json. */
export function accessTokenIn(login: string): string {
  return JSON.parse(login).tokens.access_token;
}
