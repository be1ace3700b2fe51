/**
 * What a message on a Responses WebSocket is, as far as relaying it depends on that: a call of the client, or an event
 * of the upstream. Pure. Messages are long and many, so what is asked is found near their beginning, and the whole is
 * parsed only where that does not tell.
 * @module
 */

import { type ErrorDetails, errorDetails } from "../upstream/error_details.ts";
import { type EventKind, hasError, kindOfEvent } from "../upstream/stream_judge.ts";
import { isObject, member, parseJson } from "../values/json.ts";
import { bodyOf, type Refusal } from "./refusal.ts";

/** A `response.create` of the client. */
export interface CallMessage {
  /** The model asked for; `undefined` when it does not name one. */
  readonly model: string | undefined;
  /** The response that it goes on from, without repeating its input; `undefined` when its input is whole. */
  readonly previousId: string | undefined;
  /** It only prepares the connection: `"generate": false`. */
  readonly isPrewarm: boolean;
}

const ASKED = ["type", "model", "generate", "previous_response_id"];

/** The call that a client's message is; `undefined` for any other message, which is relayed unread. */
export function readCall(text: string): CallMessage | undefined {
  const { fields, isComplete } = headFields(text);
  // A quote inside a JSON string is written \", so a name found like this is the name of a field, if not of ours.
  const isUnclear = !isComplete && ASKED.some((name) => !fields.has(name) && text.includes(`"${name}"`));
  const json = isUnclear ? parseJson(text) : undefined;
  const field = (name: string) => isUnclear ? member(json, name) : fields.get(name)?.value;
  if (field("type") !== "response.create") return undefined;
  return {
    model: textOr(field("model")),
    previousId: textOr(field("previous_response_id")),
    isPrewarm: field("generate") === false,
  };
}

function textOr(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The same message without `previous_response_id`, all else to the letter where it can be. */
export function withoutPreviousId(text: string): string {
  const field = headFields(text).fields.get("previous_response_id");
  if (field && text[field.end - 1] === ",") return text.slice(0, field.start) + text.slice(field.end);
  const json = parseJson(text);
  if (!isObject(json)) return text;
  const { previous_response_id: _, ...rest } = json;
  return JSON.stringify(rest);
}

interface HeadField {
  readonly value: unknown;
  /** Where the field begins, and where it ends, with the comma after it if there is one. */
  readonly start: number;
  readonly end: number;
}

// `"name": value` with the comma after it. A value that is an object or a list does not fit, and ends the head.
const FIELD = /\s*"((?:[^"\\]|\\.)*)"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)\s*(,|(?=\}))/y;

/** The fields that stand before the first object or list, and whether that is all of them. */
function headFields(text: string): { fields: ReadonlyMap<string, HeadField>; isComplete: boolean } {
  const fields = new Map<string, HeadField>();
  const opening = /^\s*\{/.exec(text);
  let at = opening?.[0].length ?? text.length;
  for (;;) {
    FIELD.lastIndex = at;
    const found = FIELD.exec(text);
    if (!found) return { fields, isComplete: /^\s*\}\s*$/.test(text.slice(at, at + 100)) };
    const [, name, value] = found;
    fields.set(name!, { value: parseJson(value!), start: at, end: FIELD.lastIndex });
    at = FIELD.lastIndex;
  }
}

const TYPE_FIRST = /^\s*\{\s*"type"\s*:\s*"([^"\\]{1,100})"/;

// Nearly all events begin so, and most have the name of the one before. A name has no escapes.
const USUAL_START = '{"type":"';
const kinds = new Map<string, EventKind>();
const MAX_KINDS = 256;

/** What an event of the upstream is. */
export function readEvent(text: string): EventKind {
  const name = text.startsWith(USUAL_START)
    ? text.slice(USUAL_START.length, text.indexOf('"', USUAL_START.length))
    : "";
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const kind = kindIn(text);
  if (/^[\w.]{1,100}$/.test(name) && kinds.size < MAX_KINDS) kinds.set(name, kind);
  return kind;
}

function kindIn(text: string): EventKind {
  const first = TYPE_FIRST.exec(text)?.[1];
  if (first !== undefined) return kindOfEvent(first);
  const json = parseJson(text);
  const name = textOr(member(json, "type")) ?? "";
  return name === "" && hasError(json) ? "failure" : kindOfEvent(name);
}

/**
 * The event that begins a response, parsed; `undefined` when nothing of the response is kept at the account, as Codex
 * asks for: the event repeats all instructions and tools.
 */
export function readCreated(text: string): unknown {
  return text.includes('"store":false') ? undefined : parseJson(text);
}

/** The id of the response that an event, parsed, is about; `undefined` when it names none. */
export function responseIdIn(event: unknown): string | undefined {
  return textOr(member(member(event, "response"), "id"));
}

/** An event that says that a call failed. */
export interface FailureEvent {
  /** What it says. */
  readonly details: ErrorDetails;
  /** The HTTP status that it names; `undefined` when it names none as a number. */
  readonly status: number | undefined;
  /** The HTTP headers that it carries. */
  readonly headers: Headers;
  /**
   * Codex understands it. An `error` without a number as `status` it ignores, and then waits for five minutes (measured
   * with 0.169.0).
   */
  readonly isUnderstood: boolean;
  /** Codex acts on it by itself: it sends everything again on a new connection. */
  readonly isForClient: boolean;
}

// Codex knows them with and without a status.
const FOR_CLIENT = ["previous_response_not_found", "websocket_connection_limit_reached"];

/** Reads an event of the kind `failure`. */
export function readFailure(text: string): FailureEvent {
  const event = parseJson(text) ?? {};
  const details = errorDetails(event);
  const status = member(event, "status");
  const isForClient = details.names.some((name) => FOR_CLIENT.includes(name));
  const isPlainError = !/^response\./.test(textOr(member(event, "type")) ?? "");
  return {
    details,
    status: typeof status === "number" ? status : details.status,
    headers: headersIn(member(event, "headers")),
    isUnderstood: !isPlainError || typeof status === "number" || isForClient,
    isForClient,
  };
}

function headersIn(value: unknown): Headers {
  const headers = new Headers();
  for (const [name, text] of Object.entries(isObject(value) ? value : {})) {
    if (!/^[\w-]+$/.test(name) || (typeof text !== "string" && typeof text !== "number")) continue;
    if (/^[\t\x20-\x7e]*$/.test(String(text))) headers.set(name, String(text));
  }
  return headers;
}

/** An error of our own as an event. A client that is to try again is told when. */
export function errorEvent(refusal: Refusal): string {
  const { status, retry } = refusal;
  // A quota is not to be waited for; after a time in a header Codex asks again.
  const isSoon = retry !== undefined && retry.resetsAtS === undefined;
  const headers = isSoon ? { headers: { "retry-after": String(retry.afterS) } } : {};
  return JSON.stringify({ type: "error", status, ...bodyOf(refusal), ...headers });
}

/**
 * Asks the client to send everything again on a new connection, at once: what it sent goes on from a response that only
 * the lost connection knows. OpenAI's own answer in that case, which clients know.
 */
export const SEND_ALL_AGAIN: string = JSON.stringify({
  type: "error",
  status: 400,
  error: {
    type: "invalid_request_error",
    code: "previous_response_not_found",
    message: "The previous response is not known to the next account: send the whole input again.",
    param: "previous_response_id",
  },
  headers: { "retry-after": "0" },
});

/** Asks the client to make its call again, at once: it has seen a part of an answer that now ends. */
export const ASK_AGAIN: string = JSON.stringify({
  type: "error",
  status: 503,
  error: {
    type: "server_error",
    code: "moved_to_next_key",
    message: "The answer broke off and another key goes on: ask again.",
  },
  headers: { "retry-after": "0" },
});
