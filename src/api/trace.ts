/**
 * `GET /trace`: the newest attempts at the upstream. The fields of an attempt are those of a `proxy.request` event as
 * well.
 * @module
 */

import {
  boolean,
  count,
  field,
  list,
  needed,
  number,
  object,
  oneOf,
  optional,
  orNull,
  text,
  time,
  type ValueOf,
} from "./json_types.ts";

/** What the upstream says that an answer cost. */
const TOKENS = {
  input_tokens: field(
    optional(count),
    "tokens that the model read, the cached ones included; absent when unknown",
  ),
  cached_tokens: field(optional(count), "those of them that came from the prompt cache; absent when unknown"),
  output_tokens: field(optional(count), "tokens that the model wrote; absent when unknown"),
};

/** The fields of an attempt. */
export const ATTEMPT = {
  request_id: field(
    text,
    "the same for all attempts of a request; the client gets it as `x-cdx2-request-id`",
  ),
  attempt: field(count, "from 1 within its request"),
  method: field(text, "of the client's request"),
  path: field(text, "of the client's request, without the query, which may hold secrets"),
  route: field(oneOf("request", "compact", "models", "other"), "the kind of request"),
  status: field(orNull(number), "the upstream's HTTP status; null when it gave none"),
  latency_ms: field(
    number,
    "milliseconds from the start of the attempt to its verdict: the head of a refusal, or the end of any other answer",
  ),
  ttfb_ms: field(
    orNull(number),
    "milliseconds from the start of the attempt to the head of the answer, the body of a refusal included; " +
      "null without an answer",
  ),
  first_token_ms: field(
    optional(number),
    "milliseconds from the start of the attempt to the first event that shows something to the user; absent where the " +
      "answer passes through unread, or showed nothing",
  ),
  waited_ms: field(
    optional(number),
    "milliseconds from the arrival of the request to the start of the attempt: what the proxy adds by reading the body, " +
      "waiting for a key, and earlier attempts; absent in logs of earlier versions",
  ),
  streamed_bytes: field(
    optional(count),
    "bytes of a judged stream; absent where the answer passes through unread",
  ),
  stream_end: field(
    optional(
      oneOf(
        "completed",
        "incomplete",
        "failed",
        "truncated",
        "broken",
        "idle_timeout",
        "client_gone",
        "client_stalled",
      ),
    ),
    "how a judged stream ended, or any other answer that did not end well; `truncated`: without its final event; " +
      "`client_stalled`: the client took nothing of it for the idle timeout",
  ),
  auth_file: field(orNull(text), "the key; null when the client's own login was passed through"),
  auth_email: field(orNull(text), "the e-mail of the key's account"),
  picked: field(
    orNull(
      oneOf(
        "session",
        "owner",
        "pinned",
        "turn",
        "priority",
        "drain",
        "only one free",
        "last resort",
        "retry",
      ),
    ),
    "why it got this key; null when the client's own login was passed through",
  ),
  client_ip: field(text, "the client's address"),
  client: field(optional(text), "the client by the name of its key; absent where requests need none"),
  outcome: field(
    oneOf(
      "ok",
      "rate_limited",
      "auth_rejected",
      "model_refused",
      "other_account",
      "origin_failed",
      "overloaded",
      "client_error",
      "client_gone",
    ),
    "what the attempt says about the key",
  ),
  session: field(orNull(text), "the beginning of the client's session id; null when it names none"),
  model: field(orNull(text), "the model asked for; null where the request does not tell"),
  transport: field(
    optional(oneOf("http", "ws")),
    "how the request came and went on: over HTTP, or as a call on a WebSocket; absent in logs of earlier versions",
  ),
  prewarm: field(optional(boolean), "true for a call that only prepares a WebSocket; absent for all others"),
  error: field(optional(text), "the upstream's error code, or why there is no answer"),
  ...TOKENS,
};

/** Whether a request with this `route` asks a model for an answer. */
export function isModelRoute(route: string): boolean {
  return route === "request" || route === "compact";
}

/** One attempt as `/trace` shows it. */
export const traceRow = object({
  id: field(count, "counts from 1 since the proxy was started"),
  ts: field(number, "when the attempt ended, epoch seconds with milliseconds as fraction"),
  ...ATTEMPT,
});
/** One attempt as `/trace` shows it. */
export type TraceRow = ValueOf<typeof traceRow>;
/** One attempt as a `proxy.request` event tells it. */
export type AttemptFields = Omit<TraceRow, "id" | "ts">;

/** An attempt that has not ended, or a request that waits for a key. */
export const runningRow = object({
  request_id: needed(ATTEMPT.request_id.type, ATTEMPT.request_id.meaning),
  attempt: field(count, "from 1 within its request; for a request that waits, the one that comes next"),
  state: field(
    oneOf("held", "sent", "streaming"),
    "`held`: waits for a key; `sent`: waits for the upstream; `streaming`: the answer is on its way",
  ),
  began_at: needed(time, "when the attempt or the wait began"),
  method: ATTEMPT.method,
  path: ATTEMPT.path,
  route: ATTEMPT.route,
  model: ATTEMPT.model,
  session: ATTEMPT.session,
  auth_file: field(orNull(text), "the key; null while it waits for one, and for the client's own login"),
  auth_email: ATTEMPT.auth_email,
  client_ip: ATTEMPT.client_ip,
  client: ATTEMPT.client,
  ...TOKENS,
});
/** An attempt that has not ended, or a request that waits for a key. */
export type RunningRow = ValueOf<typeof runningRow>;

const refusedRequest = object({
  ts: field(number, "when it was refused, epoch seconds with milliseconds as fraction"),
  request_id: needed(ATTEMPT.request_id.type, ATTEMPT.request_id.meaning),
  method: ATTEMPT.method,
  path: ATTEMPT.path,
  client_ip: ATTEMPT.client_ip,
  status: field(number, "the status that the client got"),
  type: field(text, "the `error.type` that the client got"),
  message: field(text, "what the client was told"),
});
/** A request that the proxy refused by itself. */
export type RefusedRequest = ValueOf<typeof refusedRequest>;

/** The answer of `GET /trace`. */
export const trace = object({
  events: needed(list(traceRow), "oldest first"),
  running: field(list(runningRow), "attempts and waits that have not ended, oldest first"),
  refused: field(list(refusedRequest), "the newest requests that the proxy refused by itself, oldest first"),
  live_version: field(
    count,
    "changes with `running` and `refused`; a question with `&live=VERSION` is also answered as soon as it differs",
  ),
  started_at: needed(time, "when the proxy was started: each run counts its ids from 1"),
});
/** The answer of `GET /trace`. */
export type Trace = ValueOf<typeof trace>;
