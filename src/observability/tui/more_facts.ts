/**
 * The fields of an attempt that the details show as they are on the wire, as a name and a text for the user.
 * @module
 */

import type { AttemptFields } from "../../api/trace.ts";
import { printable } from "../../screen/cells.ts";
import { latencyText, sizeText } from "../../values/durations.ts";
import { scalarText } from "../../values/json.ts";
import type { Fact } from "./facts.ts";
import { entryOf } from "../../values/lookup.ts";

/** The name of the fact why an attempt has its key. */
export const WHY_THIS_KEY = "why this key";

/** What a field says; a value of an unknown kind comes as it is. */
type Tell = readonly [name: string, text: (value: unknown) => string];

// What the row of the view has as fields of its own.
type Shown =
  | "request_id"
  | "attempt"
  | "method"
  | "path"
  | "route"
  | "status"
  | "latency_ms"
  | "auth_file"
  | "auth_email"
  | "client_ip"
  | "client"
  | "model"
  | "session"
  | "outcome"
  | "error"
  | "stream_end"
  | "input_tokens"
  | "cached_tokens"
  | "output_tokens";

const PICKED: Readonly<Record<string, string>> = {
  session: "its session is on it",
  owner: "what the request names lives at its account",
  pinned: "the request asks for it",
  turn: "it was its turn",
  priority: "the only one of the highest priority that was free",
  drain: "its usage window resets first",
  "only one free": "the only one free",
  "last resort": "a last resort: no better one was free",
  retry: "once more, because the connection failed",
};

const TRANSPORTS: Readonly<Record<string, string>> = { http: "HTTP", ws: "WebSocket" };

/** In the order of the details. The compiler asks for a line for every field of the wire that is not {@link Shown}. */
const TELLS: Readonly<Record<Exclude<keyof AttemptFields, Shown>, Tell>> = {
  picked: [WHY_THIS_KEY, wordFrom(PICKED)],
  waited_ms: ["waited", ofNumber((ms) => `${latencyText(ms)} before this attempt`)],
  ttfb_ms: ["answer", ofNumber((ms) => `began after ${latencyText(ms)}`)],
  first_token_ms: ["first token", ofNumber((ms) => `after ${latencyText(ms)}`)],
  streamed_bytes: ["streamed", ofNumber(sizeText)],
  transport: ["came over", wordFrom(TRANSPORTS)],
  prewarm: ["purpose", (value) => value === true ? "it only prepares the WebSocket" : ""],
};

const ORDER = Object.keys(TELLS);

/** `fields` of an attempt that have something to say, the known ones first; those of a newer version by their name. */
export function moreFacts(fields: Readonly<Record<string, unknown>>): readonly Fact[] {
  const names = [
    ...ORDER.filter((name) => name in fields),
    ...Object.keys(fields).filter((name) => !ORDER.includes(name)),
  ];
  return names.map((name) => factOf(name, fields[name])).filter(([, text]) => text !== "");
}

function factOf(name: string, value: unknown): Fact {
  if (value === undefined || value === null) return [name, ""];
  const [title, text] = entryOf<Tell>(TELLS, name) ?? tellOfUnknown(name);
  return [printable(title), printable(text(value))];
}

/** The names of fields end with their unit. What has fields of its own is for `--json`. */
function tellOfUnknown(name: string): Tell {
  const [, words = name, unit] = /^(.*?)(?:_(ms|bytes))?$/s.exec(name) ?? [];
  const show = unit === "ms" ? ofNumber(latencyText) : unit === "bytes" ? ofNumber(sizeText) : plainText;
  return [words.replaceAll("_", " "), show];
}

function ofNumber(show: (value: number) => string): Tell[1] {
  return (value) => typeof value === "number" ? show(value) : plainText(value);
}

function wordFrom(words: Readonly<Record<string, string>>): Tell[1] {
  return (value) => entryOf(words, scalarText(value)) ?? plainText(value);
}

function plainText(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? "" : String(value);
}
