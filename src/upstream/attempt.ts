/**
 * One attempt at the upstream as one value: a request goes in, its verdict comes out. An event stream from a model is
 * judged twice, by its head before the client sees anything and by its end. JSON that gives out ids is read along.
 * Everything else passes straight through, since Deno then moves the bytes outside JavaScript.
 * @module
 */

import type { Credits } from "../auth/credits.ts";
import type { WindowReading } from "../auth/limits.ts";
import { meaningOf, type Outcome } from "../auth/outcome.ts";
import type { AuthRecord } from "../auth/record.ts";
import { wallMs } from "../system/clock.ts";
import type { UpstreamRequest, UpstreamResponse } from "../system/http.ts";
import { AttemptWatch, type Failure, type NoAnswer, type UpstreamLink } from "./attempt_watch.ts";
import { readTextHead } from "./body.ts";
import { blankedBody } from "./blank.ts";
import { type Asked, classify, classifyFailure, isRefusal } from "./classify.ts";
import { type ErrorDetails, errorDetails, errorDetailsIn } from "./error_details.ts";
import type { Repeating } from "./lost_connection.ts";
import { isJson, readAlong } from "./read_along.ts";
import { JudgedStream, type StreamEnd } from "./stream.ts";
import { type FinalEvent, StreamJudge } from "./stream_judge.ts";
import { readCreditEvent, readCreditHeaders } from "./credit_readings.ts";
import type { TokenCounts } from "./token_counts.ts";
import { readWindowEvent, readWindows } from "./window_readings.ts";

/** What goes to the client of an answer, besides its status. The body is read once, or cancelled. */
export interface UpstreamAnswer {
  /** As the upstream sent them. */
  readonly headers: Headers;
  /** Null when there is none. */
  readonly body: ReadableStream<Uint8Array> | null;
}

/** What every attempt has. */
export interface Made {
  /** The key that was used; `undefined` when the client's own login went through. */
  readonly key: AuthRecord | undefined;
  /** In the light of the whole pool. */
  readonly outcome: Outcome;
  /** When the verdict came, epoch milliseconds; for a stream that is judged at its end, its head. */
  readonly atMs: number;
}

/**
 * One attempt, from its key to its verdict. An answer whose stream is judged at its end has the outcome `ok` until
 * then. What only decides on the next step looks at no answer, so a replay makes attempts without any.
 */
export type Attempt<Answer = UpstreamAnswer> =
  | Made & { readonly kind: "answered"; readonly status: number | null; readonly answer: Answer }
  | Made & { readonly kind: "failed"; readonly failure: Failure }
  | Made & { readonly kind: "client_disconnected" };

/** How an event stream ended; `truncated`: cleanly, but without its final event. Wire names. */
export type StreamEnding = StreamEnd | "incomplete" | "failed" | "truncated";

/** How an attempt ended, as the trace and the pool learn it. */
export interface AttemptEnd {
  /** As the answer itself says. */
  readonly outcome: Outcome;
  /** Null when the upstream gave none. */
  readonly status: number | null;
  /** When the head of the answer came, a refusal's body included, on the clock that never goes back. */
  readonly headMs: number | undefined;
  /** Of a judged stream. */
  readonly ending: StreamEnding | undefined;
  /** Of a judged stream that went to the client. */
  readonly streamedBytes: number | undefined;
  /** Why there is no answer; `undefined` when the outcome's code says enough. */
  readonly error: string | undefined;
}

/** Takes down what an attempt finds out. */
export interface AttemptRecorder {
  /** The key that the attempt is made with; `undefined` when the client's own login goes through. */
  readonly key: AuthRecord | undefined;
  /** Called with the usage windows of the key, each time that the upstream names some. */
  noteWindows(readings: readonly WindowReading[]): void;
  /** Called with the credits of the key, each time that the upstream may have named them; `undefined` says nothing. */
  noteCredits(credits: Credits | undefined): void;
  /** Called with the outline of an answer, or of an event with a response, each time that more of it is known. */
  noteAnswer(outline: unknown): void;
  /** Called with the first event of a judged stream that shows something to the user. */
  noteStreaming(): void;
  /** Called each time that a judged stream tells what the answer costs. */
  noteTokens(tokens: TokenCounts): void;
  /** Called once, when the verdict is known. Returns the outcome in the light of the whole pool. */
  conclude(end: AttemptEnd): Outcome;
}

/** What an attempt is made with, besides its request. */
export interface AttemptOptions {
  /** Of this attempt alone. */
  readonly recorder: AttemptRecorder;
  /** What is asked. An event stream that answers a model call is judged. */
  readonly asked: Asked;
  /** A JSON answer is read along, because it gives out ids. */
  readonly givesOutIds: boolean;
  /** What it would mean to send the request again. */
  readonly repeating: Repeating;
}

const REFUSAL_BODY_MAX_BYTES = 65_536;

/**
 * Makes one attempt. The signal of `request` aborts when the client disconnects. Rejects only for a bug: what the
 * upstream and the client may do is in the value.
 */
export async function makeAttempt(
  link: UpstreamLink,
  request: UpstreamRequest,
  options: AttemptOptions,
): Promise<Attempt> {
  const watch = new AttemptWatch(link, request.signal, options.repeating);
  let head: Head;
  try {
    const response = await link.send({ ...request, signal: watch.signal, mayReuse: watch.mayReuse });
    watch.headArrived();
    link.reuse.noteAnswer(watch.mayReuse);
    head = await withBodyOfRefusal(response, watch);
  } catch (error) {
    return unanswered(watch.endingOf(error), options, link.clock.nowMs());
  } finally {
    watch.stop();
  }
  const { recorder } = options;
  const { status, headers, details } = head;
  const { clock } = link;
  const headMs = clock.elapsedMs();
  if (recorder.key) {
    recorder.noteWindows(readWindows(headers, details, wallMs(clock)));
    recorder.noteCredits(readCreditHeaders(headers));
  }
  if (options.asked.isModelCall && isEventStream(head)) {
    return await judgeStream(link, { ...head, headMs }, options, request.signal);
  }
  const judged = classify(head, options.asked, wallMs(clock));
  const outcome = recorder.conclude({ ...NO_STREAM, outcome: judged, status, headMs });
  const answer = options.givesOutIds ? withBodyReadAlong(head, recorder) : withoutToken(head, recorder);
  return { kind: "answered", key: recorder.key, outcome, atMs: clock.nowMs(), status, answer };
}

/** The head of an answer, with the body still to come. */
interface Head extends UpstreamAnswer {
  readonly status: number;
  /** The beginning of the body of a refusal; `undefined` for other answers. */
  readonly bodyText: string | undefined;
  /** What that says; `undefined` without one. */
  readonly details: ErrorDetails | undefined;
}

/** The end of an attempt whose answer is not a judged stream. */
export const NO_STREAM = { ending: undefined, streamedBytes: undefined, error: undefined } as const;

async function withBodyOfRefusal(
  { status, headers, body }: UpstreamResponse,
  watch: AttemptWatch,
): Promise<Head> {
  if (!isRefusal(status)) return { status, headers, body, bodyText: undefined, details: undefined };
  if (!body) return { status, headers, body, bodyText: "", details: undefined };
  const [forClient, forJudging] = body.tee();
  const bodyText = await readTextHead(forJudging, REFUSAL_BODY_MAX_BYTES, watch.bodyDeadline());
  return { status, headers, body: forClient, bodyText, details: errorDetailsIn(bodyText) };
}

/** An attempt without an answer, recorded. */
export function unanswered(
  ending: NoAnswer,
  { recorder }: Pick<AttemptOptions, "recorder">,
  atMs: number,
): Attempt & { readonly kind: "failed" | "client_disconnected" } {
  const end = { ...NO_STREAM, status: null, headMs: undefined };
  if (ending.kind === "client_disconnected") {
    const outcome = recorder.conclude({ ...end, outcome: { kind: "client_gone" } });
    return { kind: "client_disconnected", key: recorder.key, outcome, atMs };
  }
  const { failure } = ending;
  const code = failure.isTimeout ? "timeout" : "no_answer";
  const outcome = recorder.conclude({
    ...end,
    outcome: { kind: "origin_failed", code },
    error: failure.reason,
  });
  return { kind: "failed", key: recorder.key, outcome, atMs, failure };
}

function withBodyReadAlong(head: Head, recorder: AttemptRecorder): UpstreamAnswer {
  const { status, headers, body } = head;
  if (!recorder.key || !body || status >= 300 || !isJson(headers)) return withoutToken(head, recorder);
  return { headers, body: readAlong(body, (outline) => recorder.noteAnswer(outline)) };
}

// Upstreams and gateways repeat a request, its token included, in what they refuse and in what they redirect.
function withoutToken(head: Head, { key }: AttemptRecorder): UpstreamAnswer {
  const { status, headers, body } = head;
  return key && body && status >= 300 ? { headers, body: blankedBody(body, key.token) } : head;
}

function isEventStream({ status, headers, body }: Head): boolean {
  return body !== null && status < 300 && /^text\/event-stream/i.test(headers.get("content-type") ?? "");
}

async function judgeStream(
  { clock, timeouts }: UpstreamLink,
  { status, headers, body, headMs }: Head & { readonly headMs: number },
  { recorder, asked }: AttemptOptions,
  clientSignal: AbortSignal,
): Promise<Attempt> {
  const { key } = recorder;
  const judge = new StreamJudge({
    onLimits: (event) => {
      recorder.noteWindows(readWindowEvent(event, wallMs(clock)));
      recorder.noteCredits(readCreditEvent(event));
    },
    onResponse: (event) => recorder.noteAnswer(event),
    onTokens: (tokens) => recorder.noteTokens(tokens),
    onVisible: () => recorder.noteStreaming(),
  });
  const stream = new JudgedStream(body!, {
    clock,
    idleTimeoutMs: timeouts.idleTimeoutMs,
    judge,
    token: key?.token,
  });
  const failureOf = () => classifyFailure(errorDetails(judge.failure), { headers, asked }, wallMs(clock));
  const head = await stream.readHead(clientSignal);
  const atMs = clock.nowMs();
  if (head === "client_disconnected") {
    const end = { ...NO_STREAM, outcome: { kind: "client_gone" }, status, headMs: undefined } as const;
    return { kind: "client_disconnected", key, outcome: recorder.conclude(end), atMs };
  }
  if (head === "broken") {
    const reason = "its stream broke off before anything of it was shown";
    const outcome = recorder.conclude({
      ...NO_STREAM,
      outcome: outcomeOf("broken", failureOf),
      status,
      headMs,
      ending: "broken",
      error: reason,
    });
    return {
      kind: "failed",
      key,
      outcome,
      atMs,
      failure: { isUnsent: false, isTimeout: false, isLost: false, reason },
    };
  }
  const failed = head === "failed" ? failureOf() : undefined;
  if (failed && meaningOf(failed).isWorthAnotherKey) {
    const outcome = recorder.conclude({ ...NO_STREAM, outcome: failed, status, headMs, ending: "failed" });
    return {
      kind: "answered",
      key,
      outcome,
      atMs,
      status,
      answer: { headers, body: stream.relay(() => {}) },
    };
  }
  const relayed = stream.relay((end) => {
    const ending = endingOf(end, judge.final);
    const outcome = outcomeOf(ending, failureOf);
    recorder.conclude({ outcome, status, headMs, ending, streamedBytes: judge.bytes, error: undefined });
  });
  return { kind: "answered", key, outcome: { kind: "ok" }, atMs, status, answer: { headers, body: relayed } };
}

// What the stream said decides: Codex disconnects once it has the final event, and upstreams end in the middle.
function endingOf(end: StreamEnd, final: FinalEvent | undefined): StreamEnding {
  return final ?? (end === "completed" ? "truncated" : end);
}

/** What came of an answer that ended like this; `failure` judges the event that says that it failed. */
export function outcomeOf(ending: StreamEnding, failure: () => Outcome): Outcome {
  switch (ending) {
    case "completed":
    case "incomplete":
      return { kind: "ok" };
    case "failed":
      return failure();
    case "client_gone":
      return { kind: "client_gone" };
    case "truncated":
    case "broken":
    case "idle_timeout":
      return { kind: "origin_failed", code: `stream_${ending}` };
  }
}

/** Cancels the answer of an attempt that no client gets. */
export function discard(attempt: Attempt | undefined): void {
  if (attempt?.kind === "answered") attempt.answer.body?.cancel().catch(() => {});
}
