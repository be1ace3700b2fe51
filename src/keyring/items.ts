/**
 * The keyring of a system, as this program uses it: short texts by name.
 * @module
 */

/** The items of one user's keyring. Every method rejects with a {@link KeyringError} when the keyring cannot be used. */
export interface KeyringItems {
  /** How many characters an item holds. */
  readonly maxChars: number;
  /** The text of an item; `undefined` when there is none. */
  read(name: string): Promise<string | undefined>;
  /** Makes an item, or replaces its text. The text is of letters, digits and `-_.`. */
  write(name: string, text: string): Promise<void>;
  /** Also succeeds when there is none. */
  remove(name: string): Promise<void>;
}

/** Under which name the items are listed by the system's own programs. */
export const SERVICE = "cdx2";

/** The keyring cannot be used. The message is a clause, such as `the keyring is locked`, and holds no secret. */
export class KeyringError extends Error {
  /** For messages. */
  override readonly name = "KeyringError";
  /** `hint` is what the user can do; `undefined` when the message says it. */
  constructor(message: string, readonly hint?: string) {
    super(message);
  }
}

/** What a program said last, shortened for a message. */
export function lastWords(stderr: string): string {
  const line = stderr.trim().split(/[\r\n]+/).at(-1) ?? "";
  return line.replace(/\P{ASCII}|\p{C}/gu, " ").trim().slice(0, MAX_WORDS_CHARS);
}

const MAX_WORDS_CHARS = 160;
