/**
 * Forwards a client's request to the upstream: takes the steps that step.ts decides, and hands the last answer on.
 * @module
 */

import type { KeyPool } from "../auth/rotation.ts";
import type { Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import { type Attempt, discard, makeAttempt } from "../upstream/attempt.ts";
import type { UpstreamLink } from "../upstream/attempt_watch.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { AttemptRecord } from "./attempt_record.ts";
import type { ClientRequest } from "./client_request.ts";
import { type Refusal, refusalEvent, toResponse } from "./refusal.ts";
import { type ForwardPlan, type ForwardRules, planForward, responseHeaders } from "./rules.ts";
import { nextStep, provenModelRefusals } from "./step.ts";

/** What a {@link Forwarder} works with. */
export interface ForwarderOptions {
  /** Knows URLs and headers. */
  readonly upstream: Upstream;
  /** The way to the upstream. */
  readonly link: UpstreamLink;
  /** Gives the keys, and learns from the attempts. */
  readonly pool: KeyPool;
  /** Reports attempts, held requests and refusals. */
  readonly publish: Publish;
  /** The settings of forwarding. */
  readonly rules: ForwardRules;
}

/** Forwards requests to one upstream with the keys of one pool. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #clock: Clock;

  /** Forwards to this upstream. */
  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#clock = options.link.clock;
  }

  /** Resolves with what the client gets. An event stream from a model is recorded when it ends, all else by then. */
  async forward(request: ClientRequest): Promise<Response> {
    const { upstream, link, pool, publish, rules } = this.#options;
    const clock = this.#clock;
    const plan = planForward(request, upstream, { rules, nowMs: clock.nowMs() });
    const { method, headers, body, signal } = request;
    const attempts: Attempt[] = [];
    let isHeld = false;
    while (!signal.aborted) {
      const last = attempts.at(-1);
      const step = nextStep(pool, plan.context, attempts, clock.nowMs());
      switch (step.kind) {
        case "send":
        case "pass_through": {
          discard(last);
          const lease = step.kind === "send" ? pool.lease(step.key, step.choice, clock.nowMs()) : undefined;
          const number = attempts.length + 1;
          const recorder = new AttemptRecord({ pool, publish, clock }, { request, plan, number, lease });
          const sent = lease
            ? upstream.headersWithKey(headers, lease.record)
            : upstream.headersWithOwnLogin(headers);
          const outgoing = { url: plan.url, method, headers: sent, body, signal };
          const { asked, givesOutIds } = plan;
          const attempt = await makeAttempt(link, outgoing, { recorder, asked, givesOutIds });
          attempts.push(attempt);
          this.#learnWhoServes(attempt, plan);
          this.#learnWhoLacksModel(attempts, plan.model);
          break;
        }
        case "wait":
          if (!isHeld) this.#publishHeld(request, step.untilMs);
          isHeld = true;
          await this.#untilKeyIsFree(step.untilMs, signal);
          break;
        case "relay":
          return last?.kind === "answered" ? relayed(last, request) : clientDisconnected();
        case "refuse":
          discard(last);
          return this.#refuse(step.refusal, request);
      }
    }
    discard(attempts.at(-1));
    return clientDisconnected();
  }

  // As soon as the client may see something of the answer: a stream that the user stops was served as well.
  #learnWhoServes({ key, outcome }: Attempt, { context: { session, stateIds } }: ForwardPlan): void {
    if (!key) return;
    const { affinity } = this.#options.pool;
    const nowMs = this.#clock.nowMs();
    const isServed = outcome.kind === "ok";
    if (session !== undefined) affinity.settle(session, key.file, isServed, nowMs);
    if (isServed) affinity.remember(stateIds, key.file, nowMs);
  }

  #learnWhoLacksModel(attempts: readonly Attempt[], model: string | undefined): void {
    if (model === undefined) return;
    this.#options.pool.confirmModelRefusals(provenModelRefusals(attempts), model, this.#clock.nowMs());
  }

  #publishHeld({ requestId, method, path, clientIp }: ClientRequest, untilMs: number): void {
    const until = new Date(untilMs).toISOString();
    this.#options.publish({
      atMs: this.#clock.nowMs(),
      level: "info",
      event: "proxy.held",
      message: `${method} ${path} waits for a key until ${until}`,
      fields: { request_id: requestId, method, path, client_ip: clientIp, until },
    });
  }

  // A reset, a new auth file or a success elsewhere frees a key earlier than its time.
  async #untilKeyIsFree(untilMs: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    this.#options.pool.nextChange().then(() => changed.abort());
    await this.#clock.sleep(untilMs - this.#clock.nowMs(), AbortSignal.any([signal, changed.signal]));
  }

  #refuse(refusal: Refusal, request: ClientRequest): Response {
    this.#options.publish(refusalEvent(refusal, request, this.#clock.nowMs()));
    return toResponse(refusal, request.requestId);
  }
}

function relayed({ answer, status }: Attempt & { kind: "answered" }, { requestId }: ClientRequest): Response {
  return new Response(answer.body, {
    status: status!,
    headers: responseHeaders(answer.headers, requestId),
  });
}

/** Nobody reads it; servers log a client that disconnected as 499. */
function clientDisconnected(): Response {
  return new Response(null, { status: 499 });
}
