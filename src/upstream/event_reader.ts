/**
 * Reads server-sent events as they go by, in every framing that the specification allows
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation): LF, CRLF and CR line ends, a byte order mark,
 * several data lines, comments, any order of fields. An event's name is the `type` in its data or its `event` field, wherever they stand. Nothing
 * is held or decoded but names, and the outline of the events that are asked for.
 * @module
 */

import { JsonOutline } from "./json_outline.ts";

/** One event, when it is whole. */
export interface StreamEvent {
  /** `response.created` and the like; `[DONE]` for the end mark of chat completions; empty for an event without any name. */
  readonly name: string;
  /** The small values in its data, for events that are wanted and for those without a name; else `undefined`. */
  readonly outline: unknown;
}

export interface EventReaderOptions {
  /** Whether the outline of an event with this name is wanted. */
  readonly wants: (name: string) => boolean;
  /** Called as soon as an event's name is known, before the event is whole. */
  readonly onName: (name: string) => void;
  /** Called with each event when it is whole. */
  readonly onEvent: (event: StreamEvent) => void;
}

export const DONE = "[DONE]";

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const NEWLINE = new Uint8Array([LF]);
const TYPE_FIRST = new TextEncoder().encode('{"type":"');
const MAX_NAME_BYTES = 128;
const MAX_FIELD_BYTES = 5;

// Names in the `event` field that are those of the data as well, so that the data need not be looked at.
const TRUSTED_NAME = /^(?:response\.[\w.-]+|codex\.[\w.-]+|error|keepalive|ping)$/;

type Field = "start" | "event" | "data" | "ignored";

export class EventReader {
  readonly #options: EventReaderOptions;
  /** How much of a byte order mark has been seen; 3 when the start of the stream is over. */
  #markBytes = 0;
  #skipsLf = false;
  #field: Field = "start";
  /** The beginning of the line: the field's name up to its colon. */
  #fieldName = "";
  #isValueStart = false;
  #eventField: number[] = [];
  #name: string | undefined;
  #dataBytes = 0;
  #hasData = false;
  #dataHead: number[] = [];
  #outline: JsonOutline | undefined;
  #skipsData = false;

  constructor(options: EventReaderOptions) {
    this.#options = options;
  }

  /** Bytes of data in an event that is not whole and has no name yet. */
  get unnamedBytes(): number {
    return this.#name === undefined ? this.#dataBytes : 0;
  }

  /** Takes the next piece of the stream. */
  feed(chunk: Uint8Array): void {
    let at = this.#markBytes < BYTE_ORDER_MARK.length ? this.#skipMark(chunk) : 0;
    const hasCr = chunk.includes(CR);
    while (at < chunk.length) {
      if (this.#skipsLf) {
        this.#skipsLf = false;
        if (chunk[at] === LF) {
          at++;
          continue;
        }
      }
      const end = lineEnd(chunk, at, hasCr);
      if (end > at) this.#take(chunk, at, end);
      if (end === chunk.length) return;
      this.#skipsLf = chunk[end] === CR;
      this.#endLine();
      at = end + 1;
    }
  }

  /** Takes what has come as the end of the stream: an event that no blank line has ended counts all the same. */
  end(): void {
    if (this.#field !== "start" || this.#fieldName !== "") this.#endLine();
    this.#endEvent();
  }

  #skipMark(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && this.#markBytes < BYTE_ORDER_MARK.length) {
      if (chunk[at] !== BYTE_ORDER_MARK[this.#markBytes]) {
        this.#markBytes = BYTE_ORDER_MARK.length;
        break;
      }
      this.#markBytes++;
      at++;
    }
    return at;
  }

  #take(bytes: Uint8Array, from: number, end: number): void {
    let at = this.#field === "start" ? this.#takeFieldName(bytes, from, end) : from;
    if (at < end && this.#isValueStart) {
      this.#isValueStart = false;
      if (bytes[at] === SPACE) at++;
    }
    if (at === end) return;
    if (this.#field === "data") this.#takeData(bytes, at, end);
    else if (this.#field === "event") {
      for (; at < end && this.#eventField.length < MAX_NAME_BYTES; at++) this.#eventField.push(bytes[at]!);
    }
  }

  #takeFieldName(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    for (; at < end && this.#field === "start"; at++) {
      if (bytes[at] === COLON) {
        this.#field = this.#fieldName === "data" ? "data" : this.#fieldName === "event" ? "event" : "ignored";
        this.#isValueStart = true;
        if (this.#field === "event") this.#eventField = [];
        if (this.#field === "data") this.#beginDataLine();
      } else if (this.#fieldName.length >= MAX_FIELD_BYTES) {
        this.#field = "ignored";
      } else {
        this.#fieldName += String.fromCharCode(bytes[at]!);
      }
    }
    return at;
  }

  // The specification puts a line end between the data of two lines.
  #beginDataLine(): void {
    if (this.#hasData) this.#outline?.feed(NEWLINE);
    this.#hasData = true;
  }

  #takeData(bytes: Uint8Array, from: number, end: number): void {
    const isFirst = this.#dataBytes === 0;
    this.#dataBytes += end - from;
    for (let at = from; at < end && this.#dataHead.length < DONE.length; at++) {
      this.#dataHead.push(bytes[at]!);
    }
    if (this.#skipsData) return;
    if (isFirst && this.#name === undefined) {
      const type = typeAtStart(bytes, from, end);
      if (type !== undefined) this.#named(type);
    }
    if (this.#name !== undefined && !this.#options.wants(this.#name)) {
      this.#skipsData = true;
      return;
    }
    this.#outline ??= new JsonOutline();
    this.#outline.feed(bytes, from, end);
    const { type } = this.#outline;
    if (this.#name === undefined && type !== undefined) {
      this.#named(type);
      if (this.#options.wants(type)) return;
      this.#skipsData = true;
      this.#outline = undefined;
    }
  }

  #named(name: string): void {
    this.#name = name;
    this.#options.onName(name);
  }

  #endLine(): void {
    if (this.#field === "start" && this.#fieldName === "") this.#endEvent();
    else if (this.#field === "event" && this.#name === undefined) {
      const name = textOf(this.#eventField);
      if (TRUSTED_NAME.test(name)) this.#named(name);
    }
    this.#field = "start";
    this.#fieldName = "";
    this.#isValueStart = false;
  }

  #endEvent(): void {
    const isEvent = this.#hasData || this.#eventField.length > 0;
    if (isEvent) {
      this.#outline?.end();
      const isDone = this.#dataHead.length === DONE.length && textOf(this.#dataHead) === DONE;
      const name = this.#name ?? (isDone ? DONE : textOf(this.#eventField));
      if (this.#name === undefined && name !== "") this.#options.onName(name);
      this.#options.onEvent({ name, outline: this.#outline?.value });
    }
    this.#eventField = [];
    this.#name = undefined;
    this.#dataBytes = 0;
    this.#hasData = false;
    this.#dataHead = [];
    this.#outline = undefined;
    this.#skipsData = false;
  }
}

function lineEnd(chunk: Uint8Array, from: number, hasCr: boolean): number {
  const lf = chunk.indexOf(LF, from);
  const end = lf < 0 ? chunk.length : lf;
  if (!hasCr) return end;
  const cr = chunk.indexOf(CR, from);
  return cr < 0 ? end : Math.min(cr, end);
}

// Most events begin so; this spares them the outline.
function typeAtStart(bytes: Uint8Array, from: number, end: number): string | undefined {
  if (end - from <= TYPE_FIRST.length) return undefined;
  for (let index = 0; index < TYPE_FIRST.length; index++) {
    if (bytes[from + index] !== TYPE_FIRST[index]) return undefined;
  }
  const start = from + TYPE_FIRST.length;
  const close = bytes.subarray(start, Math.min(end, start + MAX_NAME_BYTES)).indexOf(0x22);
  if (close < 0) return undefined;
  const name = String.fromCharCode(...bytes.subarray(start, start + close));
  return /^[\w.-]+$/.test(name) ? name : undefined;
}

function textOf(bytes: readonly number[]): string {
  return new TextDecoder().decode(new Uint8Array(bytes)).trim();
}
