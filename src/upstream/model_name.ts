/**
 * Gives a request the name that another upstream has for its model: the one member of the body is changed, and no other
 * byte of it. Nothing is copied, and a large body is searched in short stretches.
 * @module
 */

import { turns, WORK_BYTES } from "../system/turns.ts";
import { joined } from "../values/bytes.ts";
import { isEscapedAt, valueAfter } from "../values/json_bytes.ts";
import { entryOf } from "../values/lookup.ts";

const QUOTE = 0x22;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);

const DECODER = new TextDecoder();
const MAX_NAME_BYTES = 128;

/** A part of a body. */
export type Bytes = Uint8Array<ArrayBuffer>;
/** The name that an upstream has for each model that it calls by another one. */
export type ModelNames = Readonly<Record<string, string>>;

/** A body of JSON with its model called as `names` has it, in parts; `undefined` when it names none of them. */
export async function withModelNamed(json: Bytes, names: ModelNames): Promise<readonly Bytes[] | undefined> {
  // Most keys name none, and a body has megabytes.
  if (Object.keys(names).length === 0) return undefined;
  const search = new ModelSearch(json);
  while (!search.isOver) await turns.work(() => search.advance());
  return partsOf(json, search.place, names);
}

/** The same for JSON as text. */
export function textWithModelNamed(json: string, names: ModelNames): string {
  if (Object.keys(names).length === 0) return json;
  const bytes = new TextEncoder().encode(json);
  const search = new ModelSearch(bytes);
  while (!search.isOver) search.advance();
  const parts = partsOf(bytes, search.place, names);
  return parts ? DECODER.decode(joined(parts)) : json;
}

function partsOf(json: Bytes, place: Place | undefined, names: ModelNames): readonly Bytes[] | undefined {
  const known = place && DECODER.decode(json.subarray(place.start, place.end));
  const name = known === undefined ? undefined : entryOf(names, known);
  if (!place || name === undefined) return undefined;
  return [json.subarray(0, place.start), new TextEncoder().encode(name), json.subarray(place.end)];
}

interface Place {
  /** The offset after the opening quote. */
  readonly start: number;
  /** The offset of the closing quote. */
  readonly end: number;
}

/** Looks for the name of the model, as a member of the outermost object. */
class ModelSearch {
  readonly #json: Uint8Array;
  #at = 0;
  #depth = 0;
  /** The quote that opened the text which goes on at `#at`. */
  #quote: number | undefined;
  #place: Place | undefined;

  constructor(json: Uint8Array) {
    this.#json = json;
  }

  /** Whether it has been found, or is not there. */
  get isOver(): boolean {
    return this.#at >= this.#json.length;
  }

  /** `undefined` also when it is not a short plain text. */
  get place(): Place | undefined {
    return this.#place;
  }

  /** Searches the next {@link WORK_BYTES}. */
  advance(): void {
    const part = this.#json.subarray(0, this.#at + WORK_BYTES);
    while (this.#at < part.length) {
      if (this.#quote === undefined) this.#look(part[this.#at]!);
      else this.#endText(part, this.#quote);
    }
  }

  #look(byte: number): void {
    if (byte === QUOTE) this.#quote = this.#at;
    else if (OPEN.has(byte)) this.#depth++;
    else if (CLOSE.has(byte)) this.#depth--;
    this.#at++;
  }

  #endText(part: Uint8Array, quote: number): void {
    const end = part.indexOf(QUOTE, this.#at);
    this.#at = end < 0 ? part.length : end + 1;
    if (end < 0 || isEscapedAt(part, end, quote + 1)) return;
    this.#quote = undefined;
    const isModel = this.#depth === 1 && end - quote === 6 &&
      DECODER.decode(part.subarray(quote + 1, end)) === "model";
    const value = isModel ? valueAfter(this.#json, end + 1) : undefined;
    if (value === undefined) return;
    this.#place = shortTextAt(this.#json, value);
    this.#at = this.#json.length;
  }
}

function shortTextAt(json: Uint8Array, quote: number): Place | undefined {
  if (json[quote] !== QUOTE) return undefined;
  const near = json.subarray(0, quote + 1 + MAX_NAME_BYTES);
  let end = near.indexOf(QUOTE, quote + 1);
  while (end >= 0 && isEscapedAt(near, end, quote + 1)) end = near.indexOf(QUOTE, end + 1);
  return end < 0 ? undefined : { start: quote + 1, end };
}
