/**
 * What came of an attempt: learnt from, traced, and ready for the client. An event stream is judged twice, by its
 * head before the client sees anything and by its end.
 * @module
 */

import { readWindowEvent, readWindowHeaders, readWindowRefusal, type WindowReading } from "../auth/limits.ts";
import { meaningOf, type Outcome } from "../auth/outcome.ts";
import { parseJson } from "../values/json.ts";
import type { Attempted } from "../upstream/attempt.ts";
import { type AttemptNote, recordAttempt, type RecordPorts, type StreamEnding } from "./attempt_record.ts";
import { classify, classifyFailure } from "../upstream/classify.ts";
import { responseHeaders } from "./rules.ts";
import type { AttemptResult } from "./step.ts";
import { JudgedStream, type StreamEnd } from "../upstream/stream.ts";

export interface JudgePorts extends RecordPorts {
  readonly idleTimeoutMs: number;
}

/** An answer that may go to the client. */
export interface Answered {
  readonly note: AttemptNote;
  readonly response: Response;
  /** When its head came, on the clock that never goes back. */
  readonly headMs: number;
  /** The body of an event stream. */
  readonly stream?: JudgedStream;
  /** The attempt has its verdict already, although its stream may go on. */
  readonly isRecorded: boolean;
}

export interface Judgement {
  readonly result: Omit<AttemptResult, "record">;
  /** Absent when the upstream did not answer. */
  readonly answered?: Answered;
}

/** Judges what an attempt brought. `signal` aborts when the client leaves. */
export async function judge(
  ports: JudgePorts,
  note: AttemptNote,
  attempted: Attempted,
  signal: AbortSignal,
): Promise<Judgement> {
  switch (attempted.kind) {
    case "client_gone":
      return recorded(ports, note, { kind: "client_gone" }, null);
    case "failed": {
      const { failure } = attempted;
      const outcome: Outcome = { kind: "origin_failed", code: failure.isTimeout ? "timeout" : "no_answer" };
      recordAttempt(ports, note, { outcome, status: null, error: failure.reason });
      return { result: { outcome, status: null, failure } };
    }
    case "answered":
      return await judgeAnswer(ports, note, attempted, signal);
  }
}

async function judgeAnswer(
  ports: JudgePorts,
  note: AttemptNote,
  { response, bodyText }: Attempted & { kind: "answered" },
  signal: AbortSignal,
): Promise<Judgement> {
  const { status, headers } = response;
  const { clock, pool } = ports;
  const headMs = clock.elapsedMs();
  if (note.lease) pool.noteWindows(note.lease.record, windowsIn(headers, bodyText, clock.nowMs()));
  if (isEventStream(note, response) && response.body) {
    return await judgeHead(
      ports,
      { note, response, headMs, stream: streamOf(ports, note, response.body) },
      signal,
    );
  }
  const head = { status, headers, ...(bodyText === undefined ? {} : { bodyText }) };
  const outcome = recordAttempt(ports, note, { outcome: classify(head, clock.nowMs()), status, headMs });
  return { result: { outcome, status }, answered: { note, response, headMs, isRecorded: true } };
}

function windowsIn(headers: Headers, bodyText: string | undefined, nowMs: number): WindowReading[] {
  const refused = bodyText === undefined ? [] : readWindowRefusal(headers, parseJson(bodyText), nowMs);
  return [...readWindowHeaders(headers, nowMs), ...refused];
}

// Only these are worth a look at their end; everything else passes outside JavaScript.
function isEventStream({ route }: AttemptNote, { status, headers }: Response): boolean {
  const isModelRoute = route === "request" || route === "compact";
  return isModelRoute && status < 300 && /^text\/event-stream/i.test(headers.get("content-type") ?? "");
}

function streamOf(
  { pool, clock, idleTimeoutMs }: JudgePorts,
  { lease }: AttemptNote,
  body: ReadableStream<Uint8Array>,
): JudgedStream {
  const onLimits = (data: string) => {
    if (lease) pool.noteWindows(lease.record, readWindowEvent(parseJson(data), clock.nowMs()));
  };
  return new JudgedStream(body, { clock, idleTimeoutMs, onLimits });
}

async function judgeHead(
  ports: JudgePorts,
  begun: Omit<Answered, "isRecorded"> & { readonly stream: JudgedStream },
  signal: AbortSignal,
): Promise<Judgement> {
  const { note, response: { status, headers }, headMs, stream } = begun;
  const head = await stream.readHead(signal);
  if (head === "client_gone") return recorded(ports, note, { kind: "client_gone" }, status);
  const failed = head === "failed" ? failureOf(ports, stream, headers) : undefined;
  if (failed && meaningOf(failed).isWorthAnotherKey) {
    const outcome = recordAttempt(ports, note, { outcome: failed, status, headMs, ending: "failed" });
    return { result: { outcome, status }, answered: { ...begun, isRecorded: true } };
  }
  // What the stream comes to is recorded at its end; until then it is as good as any.
  return { result: { outcome: { kind: "ok" }, status }, answered: { ...begun, isRecorded: false } };
}

function recorded(ports: JudgePorts, note: AttemptNote, outcome: Outcome, status: number | null): Judgement {
  recordAttempt(ports, note, { outcome, status });
  return { result: { outcome, status } };
}

/** The answer as the client gets it; what is left to judge is judged when it ends. */
export function relay(ports: JudgePorts, { note, response, headMs, stream, isRecorded }: Answered): Response {
  const { status } = response;
  const headers = responseHeaders(response.headers, note.requestId);
  const body = stream?.relay((end) => {
    if (isRecorded) return;
    const ending = endingOf(end, stream.lastEvent);
    const outcome = outcomeOf(ending, () => failureOf(ports, stream, response.headers));
    recordAttempt(ports, note, { outcome, status, headMs, ending, streamedBytes: stream.bytes });
  });
  return new Response(body ?? response.body, { status, headers });
}

// What came last decides: Codex hangs up once it has the final event, and an upstream may end a stream in the middle.
function endingOf(end: StreamEnd, lastEvent: string | undefined): StreamEnding {
  switch (lastEvent) {
    case "response.completed":
      return "completed";
    case "response.incomplete":
      return "incomplete";
    case "response.failed":
    case "error":
      return "failed";
    default:
      return end === "completed" ? "truncated" : end;
  }
}

function outcomeOf(ending: StreamEnding, failure: () => Outcome): Outcome {
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

function failureOf({ clock }: JudgePorts, { failure = "" }: JudgedStream, headers: Headers): Outcome {
  return classifyFailure(parseJson(failure), headers, clock.nowMs());
}

/** Lets go of an answer that no client gets. */
export function letGo(answered: Answered | undefined): void {
  if (answered?.stream) answered.stream.cancel();
  else answered?.response.body?.cancel().catch(() => {});
}
