/**
 * Looks on while an answer other than a judged stream goes to the client: any piece of it decides that it has begun. It
 * keeps the beginning of a refusal, to judge it by, and outlines JSON for the few small values at its beginning.
 * @module
 */

import { joined } from "../values/bytes.ts";
import { JsonOutline } from "./json_outline.ts";
import type { Judge } from "./stream.ts";

// Ids come first in an answer; what follows in a longer one is what a model wrote.
const MAX_READ_BYTES = 256 * 1024;

/** What to do with an answer on its way. */
export interface PlainReading {
  /** How much of its beginning is kept: the head is decided once that has come. 0: with the first piece. */
  readonly keepBytes: number;
  /** The key's token is not for the client, should the answer repeat it. */
  readonly isBlanked: boolean;
  /** Called with what is known of the JSON whenever more of it is known; `undefined`: it is not read. */
  readonly onOutline: ((outline: unknown) => void) | undefined;
}

/** What is known of one answer that is relayed. */
export class PlainJudge implements Judge {
  readonly failure: undefined;
  readonly #reading: PlainReading;
  readonly #kept: Uint8Array[] = [];
  readonly #json: JsonOutline | undefined;
  #bytes = 0;
  #isOver = false;

  /** Nothing has come yet. */
  constructor(reading: PlainReading) {
    this.#reading = reading;
    this.#json = reading.onOutline && new JsonOutline();
  }

  get isFailing(): boolean {
    return this.#reading.isBlanked;
  }

  get isVisible(): boolean {
    return this.#reading.keepBytes === 0 && this.#bytes > 0;
  }

  get isHeadDecided(): boolean {
    return this.#isOver || (this.#bytes > 0 && this.#bytes >= this.#reading.keepBytes);
  }

  /** The beginning that was kept. */
  get beginning(): Uint8Array {
    return joined(this.#kept).subarray(0, this.#reading.keepBytes);
  }

  feed(chunk: Uint8Array): void {
    if (this.#bytes < this.#reading.keepBytes) this.#kept.push(chunk.slice());
    if (this.#json && this.#bytes < MAX_READ_BYTES) this.#outline(this.#json, chunk);
    this.#bytes += chunk.length;
  }

  end(): void {
    this.#isOver = true;
  }

  #outline(json: JsonOutline, chunk: Uint8Array): void {
    const known = json.count;
    json.feed(chunk, 0, Math.min(chunk.length, MAX_READ_BYTES - this.#bytes));
    if (json.count > known) this.#reading.onOutline?.(json.value);
  }
}

/** Whether an answer is one of JSON, by its `content-type`. */
export function isJson(headers: Headers): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get("content-type") ?? "");
}
