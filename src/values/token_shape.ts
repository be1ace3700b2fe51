/**
 * How OpenAI's tokens begin, for all that has to know one when it sees it: what reads auth files, what imports logins,
 * and what hides secrets. Sources: the files that Codex writes, and the error texts in which OpenAI quotes its keys.
 * @module
 */

/** Sources of regular expressions, each for several beginnings. */
export const TOKEN_BEGINNINGS = {
  /** Nothing else begins like this. */
  sure: String.raw`(?:sk-|rt_|oaistb_)`,
  /** Words and host names do, too: `at-least-once`, `rt.example.com`. */
  wordlike: String.raw`(?:at-|rt\.)`,
  /** A JWT, or the beginning of one: base64url of `{"`. */
  jwt: "eyJ",
};

/** All of them but a JWT's. */
export const TOKEN_BEGINNING = `(?:${TOKEN_BEGINNINGS.sure}|${TOKEN_BEGINNINGS.wordlike})`;

/** What a token is for: the platform's API, a user's own scripts, or only to get new tokens. */
export type TokenShape = "api_key" | "personal_token" | "refresh_token";

const SHAPES: readonly (readonly [TokenShape, RegExp])[] = [
  ["api_key", /^sk-/],
  ["personal_token", /^at-/],
  ["refresh_token", /^(?:oaistb_)?rt[_.]/],
];

/** Read off how it begins; `undefined` for a JWT and for what OpenAI does not make. */
export function tokenShape(token: string): TokenShape | undefined {
  return SHAPES.find(([, beginning]) => beginning.test(token))?.[0];
}
