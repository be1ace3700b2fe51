/**
 * Reads server-sent events as they go by, in every framing that the specification allows
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation): LF, CRLF and CR line ends, a byte order mark,
 * several data lines, comments, any order of fields. An event's name is the `type` in its data or its `event` field, wherever they stand. Nothing
 * is held or decoded but names, and the outline of the events that are asked for.
 * @module
 */

import { startsAt } from "../values/bytes.ts";
import { JsonOutline } from "./json_outline.ts";
import { lineEnd } from "./line_end.ts";
import { RepeatedEvent } from "./repeated_event.ts";
import { RepeatedName } from "./repeated_name.ts";

/** One event, when it is whole. */
export interface StreamEvent {
  /** `response.created` and the like; `[DONE]` for the end mark of chat completions; empty for an event without any name. */
  readonly name: string;
  /** The small values in its data, for events that are wanted and for those without a name; else `undefined`. */
  readonly outline: unknown;
}

/** What a reader of events is told. */
export interface EventReaderOptions {
  /** Whether the outline of an event with this name is wanted. */
  readonly wants: (name: string) => boolean;
  /** Called as soon as an event's name is known, before the event is whole. */
  readonly onName: (name: string) => void;
  /** Called with each event when it is whole. */
  readonly onEvent: (event: StreamEvent) => void;
}

/** The data that ends a stream of chat completions in place of an event. */
export const DONE = "[DONE]";

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const NEWLINE = new Uint8Array([LF]);
const TYPE_FIRST = new TextEncoder().encode('{"type":"');
const DATA_FIELD = new TextEncoder().encode("data:");
const EVENT_FIELD = new TextEncoder().encode("event:");
const MAX_NAME_BYTES = 128;
const MAX_FIELD_BYTES = 5;

// Names in the `event` field that are those of the data as well, so that the data need not be looked at.
const TRUSTED_NAME = /^(?:response\.[\w.-]+|codex\.[\w.-]+|error|keepalive|ping)$/;

type Field = "start" | "event" | "data" | "ignored";

/** Reads a stream of server-sent events, in whichever pieces it comes. */
export class EventReader {
  readonly #options: EventReaderOptions;
  /** How much of a byte order mark has been seen; 3 when the start of the stream is over. */
  #markBytes = 0;
  #skipsLf = false;
  #field: Field = "start";
  /** The beginning of the line: the field's name up to its colon. */
  #fieldName = "";
  #isValueStart = false;
  readonly #eventField = new RepeatedName(MAX_NAME_BYTES);
  readonly #type = new RepeatedName(MAX_NAME_BYTES);
  #name: string | undefined;
  #lastTrusted = "";
  #dataBytes = 0;
  #hasData = false;
  /** The beginning of data that may be the end mark of chat completions. */
  #mark = "";
  readonly #repeated = new RepeatedEvent();
  readonly #outline = new JsonOutline();
  #isOutlined = false;
  #skipsData = false;

  /** Begins before the first byte. */
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
    // Where the present event began; -1: in an earlier chunk.
    let start = this.#isBetweenEvents ? at : -1;
    while (at < chunk.length) {
      if (this.#skipsLf) {
        this.#skipsLf = false;
        if (chunk[at] === LF) {
          if (start === at) start++;
          at++;
          continue;
        }
      }
      if (start === at) {
        at = start = this.#passRepeated(chunk, at);
        if (at === chunk.length) return;
      }
      const end = lineEnd(chunk, at);
      if (end > at) this.#take(chunk, at, end);
      if (end === chunk.length) return;
      this.#skipsLf = chunk[end] === CR;
      if (end === at && start >= 0) this.#learn(chunk, start);
      this.#endLine();
      at = end + 1;
      if (this.#isBetweenEvents) start = at;
    }
  }

  /** Takes what has come as the end of the stream: an event that no blank line has ended counts all the same. */
  end(): void {
    if (this.#field !== "start" || this.#fieldName !== "") this.#endLine();
    this.#endEvent();
  }

  /** Nothing of an event has come since the last one ended. */
  get #isBetweenEvents(): boolean {
    return this.#field === "start" && this.#fieldName === "" && this.#name === undefined && !this.#hasData &&
      this.#eventField.isEmpty;
  }

  /** Passes over the events from `from` on that begin as the last one, and tells of them. Returns where others begin. */
  #passRepeated(chunk: Uint8Array, from: number): number {
    const { name } = this.#repeated;
    let at = from;
    for (let end = this.#repeated.endOf(chunk, at); end >= 0; end = this.#repeated.endOf(chunk, at)) {
      this.#options.onName(name);
      this.#options.onEvent({ name, outline: undefined });
      at = end;
    }
    return at;
  }

  #learn(chunk: Uint8Array, start: number): void {
    const name = this.#name;
    if (name === undefined || this.#options.wants(name)) return;
    this.#repeated.learn(chunk, start, { name, isFieldTrusted: name === this.#lastTrusted });
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
    else if (this.#field === "event") this.#eventField.add(bytes, at, end);
  }

  #takeFieldName(bytes: Uint8Array, from: number, end: number): number {
    if (this.#fieldName === "") {
      const isData = startsWith(bytes, from, end, DATA_FIELD);
      if (isData || startsWith(bytes, from, end, EVENT_FIELD)) {
        this.#fieldName = isData ? "data" : "event";
        this.#beginValue();
        return from + this.#fieldName.length + 1;
      }
    }
    let at = from;
    for (; at < end && this.#field === "start"; at++) {
      if (bytes[at] === COLON) {
        this.#beginValue();
      } else if (this.#fieldName.length >= MAX_FIELD_BYTES) {
        this.#field = "ignored";
      } else {
        this.#fieldName += String.fromCharCode(bytes[at]!);
      }
    }
    return at;
  }

  #beginValue(): void {
    this.#field = this.#fieldName === "data" ? "data" : this.#fieldName === "event" ? "event" : "ignored";
    this.#isValueStart = true;
    if (this.#field === "event") this.#eventField.clear();
    if (this.#field === "data") this.#beginDataLine();
  }

  // The specification puts a line end between the data of two lines.
  #beginDataLine(): void {
    if (this.#isOutlined) this.#outline.feed(NEWLINE);
    this.#hasData = true;
  }

  #takeData(bytes: Uint8Array, from: number, end: number): void {
    const isFirst = this.#dataBytes === 0;
    this.#dataBytes += end - from;
    if (this.#skipsData) return;
    if (isFirst ? bytes[from] === OPEN_BRACKET : this.#mark !== "") this.#takeMark(bytes, from, end);
    if (isFirst && this.#name === undefined && this.#takeTypeAtStart(bytes, from, end)) {
      this.#named(this.#type.text);
    }
    if (this.#name !== undefined && !this.#options.wants(this.#name)) {
      this.#skipsData = true;
      return;
    }
    this.#isOutlined = true;
    this.#outline.feed(bytes, from, end);
    const { type } = this.#outline;
    if (this.#name !== undefined || type === undefined) return;
    this.#named(type);
    if (this.#options.wants(type)) return;
    this.#skipsData = true;
    this.#dropOutline();
  }

  #takeMark(bytes: Uint8Array, from: number, end: number): void {
    for (let at = from; at < end && this.#mark.length < DONE.length; at++) {
      this.#mark += String.fromCharCode(bytes[at]!);
    }
  }

  // Most events begin so; this spares them the outline.
  #takeTypeAtStart(bytes: Uint8Array, from: number, end: number): boolean {
    if (!startsWith(bytes, from, end, TYPE_FIRST)) return false;
    const start = from + TYPE_FIRST.length;
    let close = start;
    for (; close < end && bytes[close] !== QUOTE; close++) {
      if (bytes[close] === BACKSLASH || close - start >= MAX_NAME_BYTES) return false;
    }
    if (close === end) return false;
    this.#type.clear();
    this.#type.add(bytes, start, close);
    return true;
  }

  #dropOutline(): void {
    if (this.#isOutlined) this.#outline.reset();
    this.#isOutlined = false;
  }

  #named(name: string): void {
    this.#name = name;
    this.#options.onName(name);
  }

  #endLine(): void {
    if (this.#field === "start" && this.#fieldName === "") this.#endEvent();
    else if (this.#field === "event" && this.#name === undefined) {
      const name = this.#eventField.text;
      if (this.#isTrusted(name)) this.#named(name);
    }
    this.#field = "start";
    this.#fieldName = "";
    this.#isValueStart = false;
  }

  // Events usually have the same name as the one before.
  #isTrusted(name: string): boolean {
    if (name !== this.#lastTrusted && TRUSTED_NAME.test(name)) this.#lastTrusted = name;
    return name === this.#lastTrusted && name !== "";
  }

  #endEvent(): void {
    if (this.#hasData || !this.#eventField.isEmpty) {
      if (this.#isOutlined) this.#outline.end();
      const name = this.#name ?? (this.#mark === DONE ? DONE : this.#eventField.text);
      if (this.#name === undefined && name !== "") this.#options.onName(name);
      this.#options.onEvent({ name, outline: this.#isOutlined ? this.#outline.value : undefined });
    }
    this.#eventField.clear();
    this.#name = undefined;
    this.#dataBytes = 0;
    this.#hasData = false;
    this.#mark = "";
    this.#dropOutline();
    this.#skipsData = false;
  }
}

function startsWith(bytes: Uint8Array, from: number, end: number, start: Uint8Array): boolean {
  return end - from >= start.length && startsAt(bytes, from, start);
}
