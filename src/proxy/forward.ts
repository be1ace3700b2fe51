/**
 * Carries a client's request to the upstream: takes the steps that step.ts decides, has each attempt judged, and
 * hands the last answer on.
 * @module
 */

import type { Lease } from "../auth/lease.ts";
import { attempt, type AttemptPorts } from "../upstream/attempt.ts";
import type { AttemptNote } from "./attempt_record.ts";
import { type Answered, judge, type Judgement, type JudgePorts, letGo, relay } from "./judge.ts";
import type { ClientRequest } from "./client_request.ts";
import { noAnswer, type Refusal, refusalEvent, toResponse } from "./refusal.ts";
import type { Target, Upstream } from "../upstream/upstream.ts";
import { hasOwnLogin, modelOf, sessionOf } from "./rules.ts";
import { type AttemptResult, nextStep, type StepContext } from "./step.ts";

export interface ForwardPorts extends AttemptPorts, JudgePorts {
  readonly upstream: Upstream;
  readonly authDir: string;
  readonly holdMs: number;
  /** False when each request is to go round robin whatever its session. */
  readonly isSticky: boolean;
}

/** Who asks for what, as far as the request tells. */
interface Asked {
  readonly session: string | undefined;
  readonly model: string | undefined;
}

export async function forward(ports: ForwardPorts, request: ClientRequest): Promise<Response> {
  const target = ports.upstream.target(request.path, request.query);
  if (target.isPersonal && hasOwnLogin(request.headers)) return await forwardAsIs(ports, request, target);
  return await forwardWithKeys(ports, request, target);
}

async function forwardWithKeys(
  ports: ForwardPorts,
  request: ClientRequest,
  target: Target,
): Promise<Response> {
  const { pool, clock } = ports;
  const session = sessionOf(request.headers, request.body);
  const model = modelOf(request.headers, request.body);
  const context = contextOf(ports, request, { session, model });
  const results: AttemptResult[] = [];
  let last: Answered | undefined;
  let isHeld = false;
  while (!request.signal.aborted) {
    const step = nextStep(pool, context, results, clock.nowMs());
    switch (step.kind) {
      case "send": {
        letGo(last);
        const lease = pool.lease(step.record, step.wish, clock.nowMs());
        const note = noteOf(ports, request, target, { session, model, number: results.length + 1, lease });
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

function contextOf(ports: ForwardPorts, { headers }: ClientRequest, { session, model }: Asked): StepContext {
  return {
    ...(session === undefined || !ports.isSticky ? {} : { session }),
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
  { session, model, number, lease }: Partial<Asked> & { number: number; lease?: Lease },
): AttemptNote {
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
  const { upstream } = ports;
  const attempted = await attempt(ports, {
    method: request.method,
    url: target.url,
    headers: note.lease
      ? upstream.headersWithKey(request.headers, note.lease.record)
      : upstream.headersWithOwnLogin(request.headers),
    body: request.body,
    clientSignal: request.signal,
  });
  return await judge(ports, note, attempted, request.signal);
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
  publish(refusalEvent(refusal, request, clock.nowMs()));
  return toResponse(refusal, request.requestId);
}

/** Nobody reads it; servers log a client that left as 499. */
function clientGone(): Response {
  return new Response(null, { status: 499 });
}
