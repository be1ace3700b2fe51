/**
 * What an error says about itself, whatever shape its body has: the names that it goes by, its words, and the objects that may carry a reset
 * time. OpenAI, the Codex backend and the gateways in front of them write errors as `error`, `detail`, `errors`, a flat object, a list, or plain
 * text, and wrap one another.
 * @module
 */

import { isObject, type JsonObject, numberOf, parseJson } from "../values/json.ts";
import { JsonOutline } from "./json_outline.ts";

/** An error as far as it can be understood. */
export interface ErrorDetails {
  /** Every name in it (`code`, `type` and the like), the most specific first. Lower case words joined by `_`, `.` or `-`. */
  readonly names: readonly string[];
  /** A status that the body itself names, such as `"status": 429` or code `"429"`; `undefined` when it names none. */
  readonly status: number | undefined;
  /** All sentences in it, joined by line ends; for decisions only, never for logs: they may quote a token. */
  readonly words: string;
  /** Every object that was found on the way, the innermost first. A reset time may be in any of them. */
  readonly objects: readonly JsonObject[];
}

// Enough for `{"response":{"error":{"error":…}}}` with a list or a JSON text in between; more is not an error but data.
const MAX_DEPTH = 6;
const MAX_OBJECTS = 32;
// Longer texts are pages or conversations. Reset times and model names are in the first sentences.
const MAX_WORDS_CHARS = 4096;

// Where errors are wrapped in one another.
const WRAPPERS = ["response", "error", "errors", "detail", "details", "data", "body", "message"];
// The order in which one object's names are the most telling. `error` as a text is OAuth's (RFC 6749 §5.2).
const NAME_FIELDS = ["code", "error_code", "errorCode", "reason", "type", "error", "status", "detail"];
const WORD_FIELDS = ["message", "error", "detail", "msg", "error_description", "error_message", "title"];
const STATUS_FIELDS = ["status", "status_code", "statusCode", "http_status", "code"];

/** Reads an error out of a body's text: JSON, the beginning of JSON that was cut off, or plain text. Never throws. */
export function errorDetailsIn(text: string): ErrorDetails {
  const json = parseJson(text);
  if (json !== undefined) return errorDetails(json);
  return errorDetails(/^\s*[{[]/.test(text) ? outlineOf(text) : text);
}

function outlineOf(text: string): unknown {
  const outline = new JsonOutline();
  outline.feed(new TextEncoder().encode(text));
  return outline.value;
}

/** Reads an error out of a JSON value. Never throws. */
export function errorDetails(value: unknown): ErrorDetails {
  const found = { objects: [] as JsonObject[], words: [] as string[] };
  collect(value, found, 0);
  const objects = found.objects.reverse();
  return {
    names: [...new Set(objects.flatMap(namesIn))],
    status: objects.map(statusIn).find((status) => status !== undefined),
    words: found.words.join("\n").slice(0, MAX_WORDS_CHARS),
    objects,
  };
}

function collect(value: unknown, found: { objects: JsonObject[]; words: string[] }, depth: number): void {
  if (depth > MAX_DEPTH || found.objects.length >= MAX_OBJECTS) return;
  if (typeof value === "string") return collectText(value, found, depth);
  if (Array.isArray(value)) {
    // The first entry is the innermost in the result, hence the most telling one.
    for (const entry of value.slice(0, MAX_OBJECTS).reverse()) collect(entry, found, depth + 1);
  }
  if (!isObject(value)) return;
  found.objects.push(value);
  for (const field of WORD_FIELDS) {
    const text = value[field];
    if (typeof text === "string" && !WRAPPERS.includes(field)) found.words.push(text);
  }
  for (const field of WRAPPERS) if (Object.hasOwn(value, field)) collect(value[field], found, depth + 1);
}

// Gateways put the upstream's JSON into their own message as a text.
function collectText(text: string, found: { objects: JsonObject[]; words: string[] }, depth: number): void {
  found.words.push(text.slice(0, MAX_WORDS_CHARS));
  const start = text.search(/[{[]/);
  if (start < 0 || text.length > MAX_WORDS_CHARS) return;
  const json = parseJson(text.slice(start));
  if (json !== undefined) collect(json, found, depth + 1);
}

// Only names travel into states and logs: never the upstream's prose, nor a token that it gives back. A name is words
// alone; a token has digits or mixed capitals too, or begins as API keys and refresh tokens do.
const NAME = /^(?!(?:sk|rt)[-_])(?=.{1,64}$)[a-z]+(?:[_.-][a-z]+)*$/;
const CONSTANT_NAME = /^(?=.{1,64}$)[A-Z]+(?:_[A-Z]+)+$/;

function namesIn(object: JsonObject): string[] {
  return NAME_FIELDS.flatMap((field) => {
    const value = object[field];
    if (typeof value !== "string") return [];
    const name = CONSTANT_NAME.test(value) ? value.toLowerCase() : value;
    return NAME.test(name) ? [name] : [];
  });
}

function statusIn(object: JsonObject): number | undefined {
  return STATUS_FIELDS.map((field) => numberOf(object[field])).find((status) =>
    status !== undefined && Number.isInteger(status) && status >= 400 && status <= 599
  );
}
