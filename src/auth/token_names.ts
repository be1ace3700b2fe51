/**
 * The names by which an auth file holds the token that requests carry. `record.ts` looks for it there, and of a key in
 * the keyring the worker is handed what has one of these names and no other token: so both have to go by one list.
 * @module
 */

/** Where Codex and other clients keep a token outside `tokens`, in order of precedence. */
export const TOKEN_NAMES = ["access_token", "OPENAI_API_KEY", "api_key", "openai_api_key", "token"] as const;

/** All of them. The last is where Codex keeps a token that the user has made on the web. */
export const SENT_NAMES = [...TOKEN_NAMES, "personal_access_token"] as const;
