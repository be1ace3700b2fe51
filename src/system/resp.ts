/**
 * The protocol of Redis and Valkey, RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec/): what is sent is a
 * list of texts, what comes back are values in pieces of any length.
 * @module
 */

import { joined } from "../values/bytes.ts";

/** An answer that says that a command failed. */
export class RespError {
  /** `text` is as the server wrote it: a code in capitals, then a sentence. */
  constructor(readonly text: string) {}
}

/** A value in an answer. `null`: there is none. */
export type RespValue = string | number | null | RespError | readonly RespValue[];

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
const [CR, LF] = [13, 10];
// Nothing that we ask for is longer; a server that sends more is none.
const MAX_BYTES = 64 * 1024 * 1024;

/** A command as it is sent. */
export function respCommand(words: readonly string[]): Uint8Array<ArrayBuffer> {
  const parts = words.map((word) => `$${ENCODER.encode(word).length}\r\n${word}\r\n`);
  return ENCODER.encode(`*${words.length}\r\n${parts.join("")}`);
}

/** Puts the values of a connection together. */
export class RespReader {
  #bytes = new Uint8Array(0);
  #at = 0;

  /** Takes the next bytes. Returns the values that are complete now. @throws {@link Error} when it is not this protocol */
  read(more: Uint8Array<ArrayBuffer>): readonly RespValue[] {
    this.#bytes = this.#bytes.length === 0 ? more : joined([this.#bytes, more]);
    if (this.#bytes.length > MAX_BYTES) throw new Error("an answer is too long");
    const values: RespValue[] = [];
    let end = 0;
    for (;;) {
      this.#at = end;
      const value = this.#value();
      if (value === undefined) break;
      values.push(value);
      end = this.#at;
    }
    this.#bytes = this.#bytes.slice(end);
    return values;
  }

  /** `undefined` when it is not complete. */
  #value(): RespValue | undefined {
    const line = this.#line();
    if (line === undefined) return undefined;
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
        return rest;
      case "-":
        return new RespError(rest);
      case ":":
        return Number(rest);
      case "$":
        return this.#text(lengthIn(rest));
      case "*":
        return this.#list(lengthIn(rest));
    }
    throw new Error("it speaks another protocol");
  }

  #line(): string | undefined {
    const end = this.#bytes.indexOf(CR, this.#at);
    if (end < 0 || end + 1 >= this.#bytes.length) return undefined;
    if (this.#bytes[end + 1] !== LF) throw new Error("it speaks another protocol");
    const line = DECODER.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 2;
    return line;
  }

  #text(length: number): RespValue | undefined {
    if (length < 0) return null;
    const end = this.#at + length;
    if (end + 2 > this.#bytes.length) return undefined;
    const text = DECODER.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 2;
    return text;
  }

  #list(length: number): RespValue | undefined {
    if (length < 0) return null;
    const values: RespValue[] = [];
    while (values.length < length) {
      const value = this.#value();
      if (value === undefined) return undefined;
      values.push(value);
    }
    return values;
  }
}

function lengthIn(text: string): number {
  const length = Number(text);
  if (!Number.isInteger(length) || length < -1 || length > MAX_BYTES) {
    throw new Error("it speaks another protocol");
  }
  return length;
}
