// Carries a client's request to the upstream: takes the steps that step.ts decides, tells the pool and the trace
// what became of each attempt, and hands the last answer on.

import type { Outcome } from "../auth/outcome.ts";
import type { KeyPool, Lease } from "../auth/rotation.ts";
import type { AttemptFields, Publish } from "../observability/event.ts";
import { attempt, type Attempted, type AttemptPorts } from "./attempt.ts";
import { classify } from "./classify.ts";
import { noAnswer, type Refusal, toResponse } from "./refusal.ts";
import {
  hasOwnLogin,
  requestHeaders,
  responseHeaders,
  sessionOf,
  type Target,
  targetOf,
  type Upstream,
} from "./rules.ts";
import { type AttemptResult, nextStep, type StepContext } from "./step.ts";
import { EventScan } from "./sse_scan.ts";
import { relayStream, type StreamEnd } from "./stream.ts";

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

/** An answer and the attempt that it came from, on their way to the client. */
interface Answered {
  readonly response: Response;
  readonly note: AttemptNote;
}

/** What the trace row of an attempt needs besides its verdict. */
interface AttemptNote {
  readonly request: ClientRequest;
  readonly target: Target;
  readonly number: number;
  readonly startedMs: number;
  readonly lease?: Lease | undefined;
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
  while (!request.signal.aborted) {
    const step = nextStep(pool, context, results, clock.nowMs());
    switch (step.kind) {
      case "send": {
        await last?.response.body?.cancel().catch(() => {});
        const lease = pool.lease(step.record, step.wish, clock.nowMs());
        const note = { request, target, number: results.length + 1, startedMs: clock.elapsedMs(), lease };
        const attempted = await send(ports, note);
        const judged = judge(ports, note, attempted);
        last = judged.answered;
        results.push({ record: step.record, ...judged.result });
        break;
      }
      case "wait":
        await keyFreed(ports, step.untilMs, request.signal);
        break;
      case "relay":
        return relay(ports, last!);
      case "refuse":
        await last?.response.body?.cancel().catch(() => {});
        return refuse(ports, request, step.refusal);
    }
  }
  return clientGone();
}

// The person's own login travels on untouched, and so does whatever the upstream says to it.
async function forwardAsIs(ports: ForwardPorts, request: ClientRequest, target: Target): Promise<Response> {
  const note = { request, target, number: 1, startedMs: ports.clock.elapsedMs() };
  const attempted = await send(ports, note);
  const { answered, result } = judge(ports, note, attempted);
  if (answered) return relay(ports, answered);
  if (!result.failure) return clientGone();
  return refuse(ports, request, noAnswer({ ...result.failure, origin: ports.upstream.origin }));
}

function contextOf(ports: ForwardPorts, { headers, body }: ClientRequest): StepContext {
  const session = ports.isSticky ? sessionOf(headers, body) : undefined;
  return {
    ...(session === undefined ? {} : { session }),
    isCodex: headers.get("originator")?.toLowerCase().startsWith("codex") ?? false,
    authDir: ports.authDir,
    upstreamOrigin: ports.upstream.origin,
    holdUntilMs: ports.clock.nowMs() + ports.holdMs,
  };
}

function send(ports: ForwardPorts, { request, target, lease }: AttemptNote): Promise<Attempted> {
  return attempt(ports, {
    method: request.method,
    url: target.url,
    headers: requestHeaders(request.headers, ports.upstream, lease?.record),
    body: request.body,
    clientSignal: request.signal,
  });
}

/** What an attempt means. An answer whose stream is still to come is learnt from and traced when it ends. */
function judge(
  ports: ForwardPorts,
  note: AttemptNote,
  attempted: Attempted,
): { answered?: Answered; result: Omit<AttemptResult, "record"> } {
  if (attempted.kind === "client_gone") {
    settleAttempt(ports, note, { kind: "client_gone" }, null);
    return { result: { outcome: { kind: "client_gone" } } };
  }
  if (attempted.kind === "failed") {
    const { failure } = attempted;
    const outcome: Outcome = { kind: "origin_failed", code: failure.isTimeout ? "timeout" : "no_answer" };
    settleAttempt(ports, note, outcome, null, failure.reason);
    return { result: { outcome, failure } };
  }
  const { response, bodyText } = attempted;
  const head = { status: response.status, headers: response.headers };
  const outcome = classify(bodyText === undefined ? head : { ...head, bodyText }, ports.clock.nowMs());
  if (!isJudgedStream(note.target, response)) settleAttempt(ports, note, outcome, response.status);
  return { answered: { response, note }, result: { outcome } };
}

// Only these are worth a look at their end; everything else passes outside JavaScript.
function isJudgedStream({ route }: Target, { status, headers }: Response): boolean {
  const isModelRoute = route === "request" || route === "compact";
  return isModelRoute && status < 300 && /^text\/event-stream/i.test(headers.get("content-type") ?? "");
}

function relay(ports: ForwardPorts, { response, note }: Answered): Response {
  const { status } = response;
  const headers = responseHeaders(response.headers, note.request.requestId);
  if (!isJudgedStream(note.target, response) || !response.body) {
    return new Response(response.body, { status, headers });
  }
  let lastEvent: string | undefined;
  const scan = new EventScan((name) => void (lastEvent = name));
  const body = relayStream(response.body, {
    clock: ports.clock,
    idleTimeoutMs: ports.idleTimeoutMs,
    onChunk: (chunk) => scan.feed(chunk),
    onEnd: (end) => settleAttempt(ports, note, outcomeOfStream(end, lastEvent), status),
  });
  return new Response(body, { status, headers });
}

// What came last decides: Codex hangs up once it has the final event, and an upstream may end a stream in the middle.
function outcomeOfStream(end: StreamEnd, lastEvent: string | undefined): Outcome {
  switch (lastEvent) {
    case "response.completed":
    case "response.incomplete":
      return { kind: "ok" };
    case "response.failed":
    case "error":
      return { kind: "origin_failed", code: lastEvent };
    default:
      if (end === "client_gone") return { kind: "client_gone" };
      return { kind: "origin_failed", code: end === "completed" ? "stream_truncated" : `stream_${end}` };
  }
}

function settleAttempt(
  { pool, publish, clock }: ForwardPorts,
  note: AttemptNote,
  outcome: Outcome,
  status: number | null,
  error?: string,
): void {
  const nowMs = clock.nowMs();
  const { requestId } = note.request;
  const fields = attemptFields(note, outcome, {
    status,
    latencyMs: clock.elapsedMs() - note.startedMs,
    error,
  });
  const level = outcome.kind === "ok" ? "info" : "warning";
  const message = `${note.request.method} ${note.request.path}: ${status ?? "no answer"}`;
  publish({ atMs: nowMs, level, event: "proxy.request", message, fields });
  if (note.lease) pool.apply(note.lease, { outcome, nowMs, status, requestId });
}

function attemptFields(
  { request, target, number, lease }: AttemptNote,
  outcome: Outcome,
  end: { status: number | null; latencyMs: number; error: string | undefined },
): AttemptFields {
  const code = "code" in outcome ? outcome.code : undefined;
  const error = end.error ?? code;
  return {
    request_id: request.requestId,
    attempt: number,
    method: request.method,
    path: request.path,
    route: target.route,
    status: end.status,
    latency_ms: Math.round(end.latencyMs * 10) / 10,
    auth_file: lease?.record.file ?? null,
    auth_email: lease?.record.email ?? null,
    client_ip: request.clientIp,
    outcome: outcome.kind,
    ...(error === undefined ? {} : { error }),
  };
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
