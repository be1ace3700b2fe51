/**
 * Blanks a key's token where an upstream repeats it: it is not for the client. Blanks are as long as the token, so that
 * lengths stay as they were announced. Tokens are ASCII without anything that JSON or a URL would write differently.
 * @module
 */

import { latin1 } from "../values/latin1.ts";
import type { Secret } from "../values/secret.ts";

const BLANK = "*";

/** The text with blanks in the place of the token. */
export function blanked(text: string, token: Secret): string {
  const secret = token.reveal();
  return secret !== "" && text.includes(secret) ? text.replaceAll(secret, BLANK.repeat(secret.length)) : text;
}

/** Blanks the token in bytes that come in chunks. Only bytes that may be the beginning of a token are kept back. */
export class ChunkBlanker {
  readonly #token: Secret;
  #kept = "";

  /** Nothing is kept back yet. */
  constructor(token: Secret) {
    this.#token = token;
  }

  /** The bytes that can go on now. */
  push(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
    const clean = blanked(this.#kept + latin1(chunk), this.#token);
    const end = this.#startOfToken(clean);
    this.#kept = clean.slice(end);
    return textToBytes(clean.slice(0, end));
  }

  /** What was kept back; nothing follows. */
  end(): Uint8Array<ArrayBuffer> {
    const kept = textToBytes(this.#kept);
    this.#kept = "";
    return kept;
  }

  /** Where the text may end in the middle of a token; its length when it does not. */
  #startOfToken(text: string): number {
    const token = this.#token.reveal();
    const [first] = token;
    if (first === undefined) return text.length;
    let at = text.indexOf(first, Math.max(0, text.length - token.length + 1));
    while (at >= 0 && !token.startsWith(text.slice(at))) at = text.indexOf(first, at + 1);
    return at < 0 ? text.length : at;
  }
}

/** The bytes with blanks in the place of the token. */
export function blankedBytes(bytes: Uint8Array, token: Secret): Uint8Array<ArrayBuffer> {
  return textToBytes(blanked(latin1(bytes), token));
}

function textToBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
