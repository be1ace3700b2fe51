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

// Nothing that we ask for is deeper.
const MAX_DEPTH = 100;

/** A list of which values are still to come. */
class OpenList {
  readonly values: RespValue[] = [];

  constructor(readonly length: number) {}
}

/** Puts the values of a connection together. Each byte is read once: the list of all records comes in hundreds of pieces. */
export class RespReader {
  #bytes = new Uint8Array(0);
  #at = 0;
  /** The lists that are not complete, the innermost last. */
  readonly #open: OpenList[] = [];
  /** How many bytes of the outermost of them have been read and dropped. */
  #dropped = 0;

  /** Takes the next bytes. Returns the values that are complete now. @throws {@link Error} when it is not this protocol */
  read(more: Uint8Array<ArrayBuffer>): readonly RespValue[] {
    this.#bytes = this.#bytes.length === 0 ? more : joined([this.#bytes, more]);
    if (this.#dropped + this.#bytes.length > MAX_BYTES) throw new Error("an answer is too long");
    const values: RespValue[] = [];
    let end = 0;
    this.#at = 0;
    for (let part = this.#part(); part !== undefined; part = this.#part()) {
      const value = this.#completed(part);
      if (value === undefined) continue;
      values.push(value);
      this.#dropped = 0;
      end = this.#at;
    }
    this.#dropped += this.#at - end;
    this.#bytes = this.#bytes.slice(this.#at);
    return values;
  }

  /** The next value or beginning of a list. `undefined` when it is not complete: then it is read again. */
  #part(): RespValue | OpenList | undefined {
    const start = this.#at;
    const line = this.#line();
    const part = line === undefined ? undefined : this.#partOf(line);
    if (part === undefined) this.#at = start;
    return part;
  }

  #partOf(line: string): RespValue | OpenList | undefined {
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
        return listOf(lengthIn(rest));
    }
    throw new Error("it speaks another protocol");
  }

  /** The outermost value that is complete with this part; `undefined` when there is more to come. */
  #completed(part: RespValue | OpenList): RespValue | undefined {
    if (part instanceof OpenList) {
      if (this.#open.push(part) > MAX_DEPTH) throw new Error("it speaks another protocol");
      return undefined;
    }
    let value = part;
    for (let list = this.#open.at(-1); list; list = this.#open.at(-1)) {
      list.values.push(value);
      if (list.values.length < list.length) return undefined;
      this.#open.pop();
      value = list.values;
    }
    return value;
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
}

function listOf(length: number): RespValue | OpenList {
  if (length < 0) return null;
  return length === 0 ? [] : new OpenList(length);
}

function lengthIn(text: string): number {
  const length = Number(text);
  if (!Number.isInteger(length) || length < -1 || length > MAX_BYTES) {
    throw new Error("it speaks another protocol");
  }
  return length;
}
