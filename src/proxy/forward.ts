/**
 * Forwards a client's request to the upstream over HTTP, and hands the last answer on.
 * @module
 */

import type { KeyPool } from "../auth/rotation.ts";
import type { Publish } from "../observability/event.ts";
import type { LiveRequests } from "../observability/live_requests.ts";
import { type Attempt, discard, makeAttempt } from "../upstream/attempt.ts";
import type { UpstreamLink } from "../upstream/attempt_watch.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { runAttempts } from "./attempt_loop.ts";
import type { ClientRequest } from "./client_request.ts";
import { type Refusal, refusalEvent, toResponse } from "./refusal.ts";
import { type ForwardRules, planForward, responseHeaders } from "./rules.ts";
import { isLost } from "./step.ts";

/** What a {@link Forwarder} works with. */
export interface ForwarderOptions {
  /** Knows URLs and headers. */
  readonly upstream: Upstream;
  /** The way to the upstream. */
  readonly link: UpstreamLink;
  /** Gives the keys, and learns from the attempts. */
  readonly pool: KeyPool;
  /** Shows what is running. */
  readonly live: LiveRequests;
  /** Reports attempts, held requests and refusals. */
  readonly publish: Publish;
  /** The settings of forwarding. */
  readonly rules: ForwardRules;
}

/** Forwards requests to one upstream with the keys of one pool. */
export class Forwarder {
  readonly #options: ForwarderOptions;

  /** Forwards to this upstream. */
  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** Resolves with what the client gets. An event stream from a model is recorded when it ends, all else by then. */
  async forward(request: ClientRequest): Promise<Response> {
    const { upstream, link, pool, live, publish, rules } = this.#options;
    const { clock } = link;
    const plan = planForward(request, upstream, { rules, nowMs: clock.nowMs() });
    const { method, headers, body, signal } = request;
    const attempts: Attempt[] = [];
    const end = await runAttempts({ pool, live, publish, clock }, {
      request,
      plan,
      transport: "http",
      attempts,
      make: (recorder, lease) => {
        const sent = lease
          ? upstream.headersWithKey(headers, lease.record)
          : upstream.headersWithOwnLogin(headers);
        const outgoing = { url: plan.url, method, headers: sent, body, signal };
        const { asked, givesOutIds } = plan;
        const repeating = attempts.some(isLost) ? "unsafe" : plan.repeating;
        return makeAttempt(link, outgoing, { recorder, asked, givesOutIds, repeating });
      },
      discard,
    });
    if (end.kind === "refuse") return this.#refuse(end.refusal, request);
    const last = end.kind === "relay" ? end.last : undefined;
    return last?.kind === "answered" ? relayed(last, request) : clientDisconnected();
  }

  #refuse(refusal: Refusal, request: ClientRequest): Response {
    this.#options.publish(refusalEvent(refusal, request, this.#options.link.clock.nowMs()));
    return toResponse(refusal, request.requestId);
  }
}

function relayed(
  { answer, status, key }: Attempt & { kind: "answered" },
  { requestId }: ClientRequest,
): Response {
  const headers = responseHeaders(answer.headers, { requestId, token: key?.token });
  return new Response(answer.body, { status: status!, headers });
}

/** Nobody reads it; servers log a client that disconnected as 499. */
export function clientDisconnected(): Response {
  return new Response(null, { status: 499 });
}
