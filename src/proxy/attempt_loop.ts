/**
 * Takes the steps that step.ts decides, whatever an attempt is: gives out the keys, waits, and tells the pool what came
 * of each attempt.
 * @module
 */

import type { PickedLease } from "../auth/lease.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { Publish } from "../observability/event.ts";
import type { LiveRequests } from "../observability/live_requests.ts";
import { type Clock, wallMs } from "../system/clock.ts";
import type { Attempt } from "../upstream/attempt_end.ts";
import { type AttemptIdentity, AttemptRecord, runningRow, type Transport } from "./attempt_record.ts";
import type { ClientRequest } from "./client_request.ts";
import type { Refusal } from "./refusal.ts";
import type { ForwardPlan } from "./rules.ts";
import { nextStep, provenModelRefusals, type Step } from "./step.ts";

/** What every attempt loop works with. */
export interface LoopPorts {
  /** Gives the keys, and learns from the attempts. */
  readonly pool: KeyPool;
  /** Shows attempts and held requests while they run. */
  readonly live: LiveRequests;
  /** Reports attempts and held requests. */
  readonly publish: Publish;
  /** Times the waiting. */
  readonly clock: Clock;
}

/** What the attempts are made for, and how. */
export interface LoopOptions<Answer> {
  /** The client's. */
  readonly request: ClientRequest;
  /** How it is forwarded. */
  readonly plan: ForwardPlan;
  /** For the trace. */
  readonly transport: Transport;
  /** Those made so far; the loop adds to them. */
  readonly attempts: Attempt<Answer>[];
  /** Makes one; without a lease, with the client's own login. */
  readonly make: (recorder: AttemptRecord, lease: PickedLease | undefined) => Promise<Attempt<Answer>>;
  /** Lets go of the answer of an attempt that no client gets. */
  readonly discard: (attempt: Attempt<Answer>) => void;
}

/** How the attempts ended. */
export type LoopEnd<Answer> =
  /** The client gets the answer of this one. */
  | { readonly kind: "relay"; readonly last: Attempt<Answer> | undefined }
  | { readonly kind: "refuse"; readonly refusal: Refusal }
  | { readonly kind: "client_disconnected" };

/** Makes attempts until it is decided what the client gets. */
export async function runAttempts<Answer>(
  ports: LoopPorts,
  { request, plan, transport, attempts, make, discard }: LoopOptions<Answer>,
): Promise<LoopEnd<Answer>> {
  const { pool, clock } = ports;
  const { signal } = request;
  const discardLast = () => {
    const last = attempts.at(-1);
    if (last) discard(last);
  };
  const asked = attempts.length === 0 ? pool.affinity.ask(plan.context) : undefined;
  if (asked) await asked;
  let isHeld = false;
  const sinceMs = clock.nowMs();
  while (!signal.aborted) {
    const step = nextStep(pool, plan.context, attempts, clock.nowMs());
    const others = step.kind === "send" ? beforeFirstTry(ports, step, sinceMs) : undefined;
    if (others) {
      await others;
      continue;
    }
    switch (step.kind) {
      case "send":
      case "pass_through": {
        discardLast();
        const lease = step.kind === "send" ? pool.lease(step.key, step.choice, clock.nowMs()) : undefined;
        const number = attempts.length + 1;
        const record = new AttemptRecord(ports, { request, plan, number, lease, transport });
        const attempt = await make(record, lease).catch((bug) => {
          record.abandon();
          throw bug;
        });
        attempts.push(attempt);
        learnWhoServes(ports, attempt, plan);
        learnWhoLacksModel(ports, attempts, plan.model);
        break;
      }
      case "wait":
        if (!isHeld) publishHeld(ports, request, step.untilMs);
        isHeld = true;
        pool.renewals.hasten(step.renewals);
        await untilKeyIsFree(ports, step.untilMs, {
          request,
          plan,
          number: attempts.length + 1,
          lease: undefined,
          transport,
        });
        break;
      case "relay":
        return { kind: "relay", last: attempts.at(-1) };
      case "refuse":
        discardLast();
        return step;
    }
  }
  discardLast();
  return { kind: "client_disconnected" };
}

/** What a key that nobody knows anything of has to wait for. A key that the request asks for is used in any case. */
function beforeFirstTry(
  { pool, clock }: LoopPorts,
  { key, choice }: Pick<Step & { kind: "send" }, "key" | "choice">,
  sinceMs: number,
): Promise<void> | undefined {
  if (choice.pinned !== undefined || choice.owner !== undefined) return undefined;
  return pool.sharing.beforeFirstTry(key, sinceMs, clock.nowMs());
}

/** As soon as the client may see something of the answer: a stream that the user stops was served as well. */
export function learnWhoServes(
  { pool: { affinity, sharing }, clock }: LoopPorts,
  { key, outcome }: Pick<Attempt<unknown>, "key" | "outcome">,
  { context: { session, stateIds } }: ForwardPlan,
): void {
  if (!key) return;
  const nowMs = clock.nowMs();
  const isServed = outcome.kind === "ok";
  if (session !== undefined) affinity.settle(session, key.file, isServed, nowMs);
  if (!isServed) return;
  affinity.remember(stateIds, key.file, nowMs);
  sharing.answered(key);
}

/** Once another key has served the model that some were refused. */
export function learnWhoLacksModel(
  { pool, clock }: LoopPorts,
  attempts: readonly Attempt<unknown>[],
  model: string | undefined,
): void {
  if (model === undefined) return;
  pool.confirmModelRefusals(provenModelRefusals(attempts), model, clock.nowMs());
}

function publishHeld(
  { publish, clock }: LoopPorts,
  { requestId, method, path, clientIp }: ClientRequest,
  untilMs: number,
): void {
  const until = new Date(untilMs + clock.wallAheadMs).toISOString();
  publish({
    atMs: clock.nowMs(),
    level: "info",
    event: "proxy.held",
    message: `${method} ${path} waits for a key until ${until}`,
    fields: { request_id: requestId, method, path, client_ip: clientIp, until },
  });
}

// A reset, a new auth file or a success elsewhere frees a key earlier than its time.
async function untilKeyIsFree(
  { pool, live, clock }: LoopPorts,
  untilMs: number,
  next: AttemptIdentity,
): Promise<void> {
  const nowMs = clock.nowMs();
  const beganMs = wallMs(clock);
  const waiting = live.begin(() => runningRow(next, "held", beganMs));
  const changed = new AbortController();
  pool.nextChange().then(() => changed.abort());
  await clock.sleep(untilMs - nowMs, AbortSignal.any([next.request.signal, changed.signal]));
  waiting.end();
}
