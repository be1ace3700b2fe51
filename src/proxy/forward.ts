// Carries a client's request to the upstream: takes the steps that step.ts decides, tells the pool and the trace
// what became of each attempt, and hands the last answer on.

import { readWindowEvent, readWindowHeaders } from "../auth/limits.ts";
import type { Outcome } from "../auth/outcome.ts";
import type { KeyPool, Lease } from "../auth/rotation.ts";
import { parseJson } from "../config/json.ts";
import type { Publish } from "../observability/event.ts";
import { attempt, type Attempted, type AttemptPorts } from "./attempt.ts";
import { type AttemptNote, recordAttempt } from "./attempt_record.ts";
import { classify, classifyFailure } from "./classify.ts";
import { noAnswer, type Refusal, toResponse } from "./refusal.ts";
import {
  hasOwnLogin,
  modelOf,
  requestHeaders,
  responseHeaders,
  sessionOf,
  type Target,
  targetOf,
  type Upstream,
} from "./rules.ts";
import { type AttemptResult, isWorthAnotherKey, nextStep, type StepContext } from "./step.ts";
import { JudgedStream, type StreamEnd } from "./stream.ts";

/** A request of a client, its body read. */
export interface ClientRequest {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  /** With its question mark; empty when there is none. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly clientIp: string;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
}

export interface ForwardPorts extends AttemptPorts {
  readonly pool: KeyPool;
  readonly publish: Publish;
  readonly upstream: Upstream;
  readonly authDir: string;
  readonly holdMs: number;
  readonly idleTimeoutMs: number;
  /** False when each request is to go round robin whatever its session. */
  readonly isSticky: boolean;
}

/** An answer on its way to the client. */
interface Answered {
  readonly note: AttemptNote;
  readonly response: Response;
  readonly headMs: number;
  /** The body of an event stream, which is judged to its end. */
  readonly stream?: JudgedStream;
  /** The attempt has its verdict already, although its stream may go on. */
  readonly isRecorded: boolean;
}

interface Judgement {
  readonly result: Omit<AttemptResult, "record">;
  readonly answered?: Answered;
}

export async function forward(ports: ForwardPorts, request: ClientRequest): Promise<Response> {
  const target = targetOf(ports.upstream, request.path, request.query);
  if (target.isPersonal && hasOwnLogin(request.headers)) return await forwardAsIs(ports, request, target);
  return await forwardWithKeys(ports, request, target);
}

async function forwardWithKeys(
  ports: ForwardPorts,
  request: ClientRequest,
  target: Target,
): Promise<Response> {
  const { pool, clock } = ports;
  const context = contextOf(ports, request);
  const results: AttemptResult[] = [];
  let last: Answered | undefined;
  let isHeld = false;
  while (!request.signal.aborted) {
    const step = nextStep(pool, context, results, clock.nowMs());
    switch (step.kind) {
      case "send": {
        letGo(last);
        const lease = pool.lease(step.record, step.wish, clock.nowMs());
        const note = noteOf(ports, request, target, { context, number: results.length + 1, lease });
        const judgement = await sendAndJudge(ports, request, target, note);
        last = judgement.answered;
        results.push({ record: step.record, ...judgement.result });
        break;
      }
      case "wait":
        if (!isHeld) tellHeld(ports, request, step.untilMs);
        isHeld = true;
        await keyFreed(ports, step.untilMs, request.signal);
        break;
      case "relay":
        return relay(ports, last!);
      case "refuse":
        letGo(last);
        return refuse(ports, request, step.refusal);
    }
  }
  letGo(last);
  return clientGone();
}

// The person's own login travels on untouched, and so does whatever the upstream says to it.
async function forwardAsIs(ports: ForwardPorts, request: ClientRequest, target: Target): Promise<Response> {
  const note = noteOf(ports, request, target, { number: 1 });
  const { answered, result } = await sendAndJudge(ports, request, target, note);
  if (answered) return relay(ports, answered);
  if (!result.failure) return clientGone();
  return refuse(ports, request, noAnswer({ ...result.failure, origin: ports.upstream.origin }));
}

function contextOf(ports: ForwardPorts, { headers, body }: ClientRequest): StepContext {
  const session = ports.isSticky ? sessionOf(headers, body) : undefined;
  const model = modelOf(headers, body);
  return {
    ...(session === undefined ? {} : { session }),
    ...(model === undefined ? {} : { model }),
    isCodex: headers.get("originator")?.toLowerCase().startsWith("codex") ?? false,
    authDir: ports.authDir,
    upstreamOrigin: ports.upstream.origin,
    holdUntilMs: ports.clock.nowMs() + ports.holdMs,
  };
}

function noteOf(
  { clock }: ForwardPorts,
  { requestId, method, path, clientIp }: ClientRequest,
  { route }: Target,
  { context, number, lease }: { context?: StepContext; number: number; lease?: Lease },
): AttemptNote {
  const { session, model } = context ?? {};
  const startedMs = clock.elapsedMs();
  return {
    requestId,
    method,
    path,
    route,
    clientIp,
    session,
    model,
    number,
    startedMs,
    ...(lease ? { lease } : {}),
  };
}

async function sendAndJudge(
  ports: ForwardPorts,
  request: ClientRequest,
  target: Target,
  note: AttemptNote,
): Promise<Judgement> {
  const attempted = await attempt(ports, {
    method: request.method,
    url: target.url,
    headers: requestHeaders(request.headers, ports.upstream, note.lease?.record),
    body: request.body,
    clientSignal: request.signal,
  });
  if (attempted.kind === "answered") return await judgeAnswer(ports, request, note, attempted);
  if (attempted.kind === "client_gone") return leftJudgement(ports, note);
  const { failure } = attempted;
  const outcome: Outcome = { kind: "origin_failed", code: failure.isTimeout ? "timeout" : "no_answer" };
  recordAttempt(ports, note, { outcome, status: null, error: failure.reason });
  return { result: { outcome, status: null, failure } };
}

/** An answer whose stream goes on is learnt from and traced when that ends. */
async function judgeAnswer(
  ports: ForwardPorts,
  { signal }: ClientRequest,
  note: AttemptNote,
  { response, bodyText }: Attempted & { kind: "answered" },
): Promise<Judgement> {
  const { status, headers } = response;
  const headMs = ports.clock.elapsedMs();
  if (note.lease) ports.pool.noteWindows(note.lease.record, readWindowHeaders(headers, ports.clock.nowMs()));
  if (isJudgedStream(note, response) && response.body) {
    return await judgeStream(ports, note, { response, headMs, body: response.body, signal });
  }
  const head = { status, headers, ...(bodyText === undefined ? {} : { bodyText }) };
  const outcome = recordAttempt(ports, note, {
    outcome: classify(head, ports.clock.nowMs()),
    status,
    headMs,
  });
  return { result: { outcome, status }, answered: { note, response, headMs, isRecorded: true } };
}

async function judgeStream(
  ports: ForwardPorts,
  note: AttemptNote,
  { response, headMs, body, signal }: {
    response: Response;
    headMs: number;
    body: ReadableStream<Uint8Array>;
    signal: AbortSignal;
  },
): Promise<Judgement> {
  const { clock, idleTimeoutMs } = ports;
  const { status, headers } = response;
  const stream = new JudgedStream(body, {
    clock,
    idleTimeoutMs,
    onLimits: (data) => {
      if (note.lease) {
        ports.pool.noteWindows(note.lease.record, readWindowEvent(parseJson(data), clock.nowMs()));
      }
    },
  });
  const head = await stream.readHead(signal);
  if (head === "client_gone") return leftJudgement(ports, note, status);
  const failed = classifyFailure(parseJson(stream.failure ?? ""), headers, clock.nowMs());
  if (head === "failed" && isWorthAnotherKey(failed)) {
    const outcome = recordAttempt(ports, note, { outcome: failed, status, headMs });
    return { result: { outcome, status }, answered: { note, response, headMs, stream, isRecorded: true } };
  }
  return {
    result: { outcome: { kind: "ok" }, status },
    answered: { note, response, headMs, stream, isRecorded: false },
  };
}

function leftJudgement(ports: ForwardPorts, note: AttemptNote, status: number | null = null): Judgement {
  const outcome: Outcome = { kind: "client_gone" };
  recordAttempt(ports, note, { outcome, status });
  return { result: { outcome, status } };
}

// Only these are worth a look at their end; everything else passes outside JavaScript.
function isJudgedStream({ route }: AttemptNote, { status, headers }: Response): boolean {
  const isModelRoute = route === "request" || route === "compact";
  return isModelRoute && status < 300 && /^text\/event-stream/i.test(headers.get("content-type") ?? "");
}

function relay(ports: ForwardPorts, { note, response, headMs, stream, isRecorded }: Answered): Response {
  const { status } = response;
  const headers = responseHeaders(response.headers, note.requestId);
  const body = stream?.relay((end) => {
    if (isRecorded) return;
    const outcome = outcomeOfStream(end, stream, response.headers, ports.clock.nowMs());
    recordAttempt(ports, note, { outcome, status, headMs, streamedBytes: stream.bytes });
  });
  return new Response(body ?? response.body, { status, headers });
}

// What came last decides: Codex hangs up once it has the final event, and an upstream may end a stream in the middle.
function outcomeOfStream(end: StreamEnd, stream: JudgedStream, headers: Headers, nowMs: number): Outcome {
  switch (stream.lastEvent) {
    case "response.completed":
    case "response.incomplete":
      return { kind: "ok" };
    case "response.failed":
    case "error":
      return classifyFailure(parseJson(stream.failure ?? ""), headers, nowMs);
    default:
      if (end === "client_gone") return { kind: "client_gone" };
      return { kind: "origin_failed", code: end === "completed" ? "stream_truncated" : `stream_${end}` };
  }
}

function letGo(last: Answered | undefined): void {
  if (last?.stream) last.stream.cancel();
  else last?.response.body?.cancel().catch(() => {});
}

function tellHeld(
  { publish, clock }: ForwardPorts,
  { requestId, method, path, clientIp }: ClientRequest,
  untilMs: number,
): void {
  const until = new Date(untilMs).toISOString();
  publish({
    atMs: clock.nowMs(),
    level: "info",
    event: "proxy.held",
    message: `${method} ${path} waits for a key until ${until}`,
    fields: { request_id: requestId, method, path, client_ip: clientIp, until },
  });
}

// A reset, a new auth file or a success elsewhere frees a key earlier than its time.
async function keyFreed({ pool, clock }: ForwardPorts, untilMs: number, signal: AbortSignal): Promise<void> {
  const changed = new AbortController();
  pool.nextChange().then(() => changed.abort());
  await clock.sleep(untilMs - clock.nowMs(), AbortSignal.any([signal, changed.signal]));
}

function refuse({ publish, clock }: ForwardPorts, request: ClientRequest, refusal: Refusal): Response {
  const { requestId, method, path, clientIp } = request;
  const { status, type, message } = refusal;
  const isExhausted = type === "usage_limit_reached" || type === "no_usable_keys" || type === "no_keys";
  publish({
    atMs: clock.nowMs(),
    level: "warning",
    event: isExhausted ? "auth.pool_exhausted" : "proxy.refused",
    message,
    fields: { request_id: requestId, status, type, method, path, client_ip: clientIp },
  });
  return toResponse(refusal, requestId);
}

/** Nobody reads it; servers log a client that left as 499. */
function clientGone(): Response {
  return new Response(null, { status: 499 });
}
