/**
 * What becomes of an answer on its way to the client. An event stream from a model is judged by its events, any other
 * answer by whether it comes at all; each is recorded when it has ended. Of a refusal the beginning is read first, since
 * it decides whether another key is asked.
 * @module
 */

import { meaningOf, type Outcome } from "../auth/outcome.ts";
import { wholeOf } from "../system/http_body.ts";
import { wallMs } from "../system/clock.ts";
import type { HttpAnswer } from "../system/http.ts";
import type { Secret } from "../values/secret.ts";
import {
  type Attempt,
  type AttemptRecorder,
  NO_STREAM,
  outcomeOf,
  type StreamEnding,
  type UpstreamAnswer,
} from "./attempt_end.ts";
import type { UpstreamLink } from "./attempt_watch.ts";
import { blankedBytes } from "./blank.ts";
import { type Asked, classifyFailure } from "./classify.ts";
import { readCreditEvent } from "./credit_readings.ts";
import { errorDetails } from "./error_details.ts";
import { isJson, PlainJudge } from "./plain_judge.ts";
import { JudgedStream, type StreamEnd } from "./stream.ts";
import { type FinalEvent, StreamJudge } from "./stream_judge.ts";
import { readWindowEvent } from "./window_readings.ts";

/** An answer whose head has come. */
export interface AnswerHead {
  /** Its body is still to come. */
  readonly response: HttpAnswer;
  /** When the head came, on the clock that never goes back. */
  readonly headMs: number;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
}

/** What a refusal says, and what the client gets of it. */
export interface Refused {
  /** The beginning of its body. */
  readonly bodyText: string;
  /** For the client. */
  readonly answer: UpstreamAnswer;
}

const REFUSAL_BODY_MAX_BYTES = 65_536;
// A refusal whose body does not come is judged without it: the next key is waiting.
const REFUSAL_BODY_TIMEOUT_MS = 1000;

/** Reads the beginning of a refusal. One that breaks off meanwhile still is an answer: the client gets what has come. */
export async function beginRefusal(
  { clock, timeouts: { idleTimeoutMs } }: UpstreamLink,
  { headers, body }: HttpAnswer,
  { recorder: { key }, signal }: { readonly recorder: AttemptRecorder; readonly signal: AbortSignal },
): Promise<Refused> {
  if (!body) return { bodyText: "", answer: { headers, body } };
  const judge = new PlainJudge({
    keepBytes: REFUSAL_BODY_MAX_BYTES,
    isBlanked: key !== undefined,
    onOutline: undefined,
  });
  const stream = new JudgedStream(body, { clock, idleTimeoutMs, judge, token: key?.token });
  const verdict = await stream.readHead(signal, REFUSAL_BODY_TIMEOUT_MS);
  const answer = verdict === "broken"
    ? partOf({ headers, judge, token: key?.token })
    : { headers, body: stream.relay(() => {}) };
  return { bodyText: new TextDecoder().decode(judge.beginning), answer };
}

/** Of a compressed body a part is worth nothing. */
function partOf({ headers, judge, token }: {
  readonly headers: Headers;
  readonly judge: PlainJudge;
  readonly token: Secret | undefined;
}): UpstreamAnswer {
  const kept = new Headers(headers);
  kept.delete("content-length");
  kept.delete("content-encoding");
  const came = headers.has("content-encoding") ? new Uint8Array() : judge.beginning;
  return { headers: kept, body: new Response(token ? blankedBytes(came, token) : came.slice()).body };
}

/** Relays an answer other than a judged stream. The head of one that can only be read whole waits for its first piece. */
export async function relayAnswer(
  { clock, timeouts: { idleTimeoutMs } }: UpstreamLink,
  { response, headMs, signal }: AnswerHead,
  { recorder, givesOutIds, outcome }: {
    readonly recorder: AttemptRecorder;
    readonly givesOutIds: boolean;
    readonly outcome: Outcome;
  },
): Promise<Attempt> {
  const { key } = recorder;
  const { status, headers, body } = response;
  const isRead = givesOutIds && key !== undefined && status < 300 && isJson(headers);
  const onOutline = isRead ? (outline: unknown) => recorder.noteAnswer(outline) : undefined;
  const judge = new PlainJudge({ keepBytes: 0, isBlanked: key !== undefined && status >= 300, onOutline });
  const whole = wholeOf(body);
  if (!body || (whole && !judge.isFailing)) {
    if (whole) judge.feed(whole);
    const judged = recorder.conclude({ ...NO_STREAM, outcome, status, headMs });
    return { kind: "answered", key, outcome: judged, atMs: clock.nowMs(), status, answer: response };
  }
  const stream = new JudgedStream(body, { clock, idleTimeoutMs, judge, token: key?.token });
  const verdict = isEventStream(response) ? "good" : await stream.readHead(signal);
  const atMs = clock.nowMs();
  if (verdict === "client_disconnected" || verdict === "broken") {
    return unbegun(verdict, recorder, { status, headMs, atMs });
  }
  const relayed = stream.relay((end) => {
    const ending = end === "completed" ? undefined : end;
    const ended = ending === undefined ? outcome : outcomeOf(ending, () => outcome);
    recorder.conclude({ ...NO_STREAM, outcome: ended, status, headMs, ending });
  });
  return { kind: "answered", key, outcome, atMs, status, answer: { headers, body: relayed } };
}

/** Whether an answer is a stream of events. */
export function isEventStream({ status, headers, body }: HttpAnswer): boolean {
  return body !== null && status < 300 && /^text\/event-stream/i.test(headers.get("content-type") ?? "");
}

/** Judges an event stream from a model: its head before the client sees anything, and its end. */
export async function relayEvents(
  { clock, timeouts: { idleTimeoutMs } }: UpstreamLink,
  { response: { status, headers, body }, headMs, signal }: AnswerHead,
  { recorder, asked }: { readonly recorder: AttemptRecorder; readonly asked: Asked },
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
  const stream = new JudgedStream(body!, { clock, idleTimeoutMs, judge, token: key?.token });
  const failureOf = () => classifyFailure(errorDetails(judge.failure), { headers, asked }, wallMs(clock));
  const verdict = await stream.readHead(signal);
  const atMs = clock.nowMs();
  if (verdict === "client_disconnected" || verdict === "broken") {
    return unbegun(verdict, recorder, { status, headMs, atMs });
  }
  const failed = verdict === "failed" ? failureOf() : undefined;
  if (failed && meaningOf(failed).isWorthAnotherKey) {
    const outcome = recorder.conclude({ ...NO_STREAM, outcome: failed, status, headMs, ending: "failed" });
    const answer = { headers, body: stream.relay(() => {}) };
    return { kind: "answered", key, outcome, atMs, status, answer };
  }
  const relayed = stream.relay((end) => {
    const ending = endingOf(end, judge.final);
    const outcome = outcomeOf(ending, failureOf);
    recorder.conclude({ outcome, status, headMs, ending, streamedBytes: judge.bytes, error: undefined });
  });
  return { kind: "answered", key, outcome: { kind: "ok" }, atMs, status, answer: { headers, body: relayed } };
}

/** An answer of which nothing was shown, recorded. */
function unbegun(
  verdict: "broken" | "client_disconnected",
  recorder: AttemptRecorder,
  { status, headMs, atMs }: { readonly status: number; readonly headMs: number; readonly atMs: number },
): Attempt {
  const { key } = recorder;
  if (verdict === "client_disconnected") {
    const end = { ...NO_STREAM, outcome: { kind: "client_gone" }, status, headMs: undefined } as const;
    return { kind: "client_disconnected", key, outcome: recorder.conclude(end), atMs };
  }
  const reason = "its answer broke off before anything of it was shown";
  const outcome = recorder.conclude({
    ...NO_STREAM,
    outcome: { kind: "origin_failed", code: "stream_broken" },
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

// What the stream said decides: Codex disconnects once it has the final event, and upstreams end in the middle.
function endingOf(end: StreamEnd, final: FinalEvent | undefined): StreamEnding {
  return final ?? (end === "completed" ? "truncated" : end);
}
