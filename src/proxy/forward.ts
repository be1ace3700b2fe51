/**
 * Forwards a client's request to the upstream over HTTP, and hands the last answer on.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { Publish } from "../observability/event.ts";
import type { LiveRequests } from "../observability/live_requests.ts";
import type { Clock } from "../system/clock.ts";
import type { HttpAnswer, UpstreamRequest } from "../system/http.ts";
import { turns, WORK_BYTES } from "../system/turns.ts";
import { discard, makeAttempt } from "../upstream/attempt.ts";
import type { Attempt } from "../upstream/attempt_end.ts";
import type { UpstreamLink } from "../upstream/attempt_watch.ts";
import { withModelNamed } from "../upstream/model_name.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { runAttempts } from "./attempt_loop.ts";
import type { ClientRequest } from "./client_request.ts";
import { refuse } from "./refusal.ts";
import { namesIn, type RequestNames, windowsOf, withMore } from "./request_names.ts";
import { type ForwardPlan, type ForwardRules, planForward, responseHeaders } from "./rules.ts";
import { isLost } from "./step.ts";

/** What a {@link Forwarder} works with. */
export interface ForwarderOptions {
  /** Know URLs and headers. */
  readonly upstreams: Upstreams;
  /** The way to an upstream. */
  readonly linkTo: (upstream: Upstream) => UpstreamLink;
  /** Gives the keys, and learns from the attempts. */
  readonly pool: KeyPool;
  /** Shows what is running. */
  readonly live: LiveRequests;
  /** Reports attempts, held requests and refusals. */
  readonly publish: Publish;
  /** The settings of forwarding. */
  readonly rules: ForwardRules;
}

/** Forwards requests with the keys of one pool, each to the upstream of its key. */
export class Forwarder {
  readonly #options: ForwarderOptions;

  readonly #clock: Clock;

  /** Forwards to these upstreams. */
  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#clock = options.linkTo(options.upstreams.main).clock;
  }

  /** Resolves with what the client gets. An event stream from a model is recorded when it ends, all else by then. */
  async forward(request: ClientRequest): Promise<HttpAnswer> {
    const { upstreams, linkTo, pool, live, publish, rules } = this.#options;
    const clock = this.#clock;
    const nowMs = clock.nowMs();
    const { body } = request;
    const names = body && body.length > WORK_BYTES ? await namesInTurns(request, body) : namesIn(request);
    const plan = planForward(request, upstreams.main, { rules, nowMs, names });
    const attempts: Attempt[] = [];
    const end = await runAttempts({ pool, live, publish, clock }, {
      request,
      plan,
      transport: "http",
      attempts,
      make: async (recorder, lease) => {
        const upstream = lease ? upstreams.of(lease.record) : upstreams.main;
        const outgoing = await outgoingRequest(request, plan, { upstream, key: lease?.record });
        const { asked, givesOutIds } = plan;
        const repeating = attempts.some(isLost) ? "unsafe" : plan.repeating;
        return makeAttempt(linkTo(upstream), outgoing, { recorder, asked, givesOutIds, repeating });
      },
      discard,
    });
    if (end.kind === "refuse") return refuse({ publish, clock }, end.refusal, request);
    const last = end.kind === "relay" ? end.last : undefined;
    return last?.kind === "answered" ? relayed(last, request) : clientDisconnected();
  }
}

async function namesInTurns(request: ClientRequest, body: Uint8Array<ArrayBuffer>): Promise<RequestNames> {
  let names: RequestNames | undefined;
  for (const window of windowsOf(body, WORK_BYTES)) {
    const found = await turns.work(() => namesIn({ ...request, body: window }));
    names = names ? withMore(names, found) : found;
  }
  return names!;
}

/** What is sent. The upstream of a single key knows the route by another URL, and perhaps the model by another name. */
async function outgoingRequest(
  { method, path, query, headers, body, signal, keepBody: onSending }: ClientRequest,
  plan: ForwardPlan,
  { upstream, key }: { readonly upstream: Upstream; readonly key: AuthRecord | undefined },
): Promise<UpstreamRequest> {
  if (!key) {
    return { url: plan.url, method, headers: upstream.headersWithOwnLogin(headers), body, signal, onSending };
  }
  const sent = upstream.headersWithKey(headers, key);
  if (key.upstream === undefined) return { url: plan.url, method, headers: sent, body, signal, onSending };
  const { url } = upstream.target(path, query);
  const bodyParts = body && await withModelNamed(body, key.models);
  return { url, method, headers: sent, body, bodyParts, signal, onSending };
}

function relayed(
  { answer, status, key }: Attempt & { kind: "answered" },
  { requestId }: ClientRequest,
): HttpAnswer {
  const headers = responseHeaders(answer.headers, { requestId, token: key?.token });
  return { status: status!, headers, body: answer.body };
}

/** Nobody reads it; servers log a client that disconnected as 499. */
export function clientDisconnected(): HttpAnswer {
  return { status: 499, headers: new Headers(), body: null };
}
