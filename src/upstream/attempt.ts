/**
 * One attempt at the upstream, bounded in time: its answer with what is needed to judge it, or why there is none.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { type Send, SendError } from "../system/http.ts";
import { readTextHead } from "./body.ts";
import { isRefusal } from "./classify.ts";

export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
  /** Aborts when the client leaves. */
  readonly clientSignal: AbortSignal;
}

export interface AttemptPorts {
  readonly send: Send;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly headTimeoutMs: number;
  /** Whether the upstream can be connected to within a time; absent when a proxy stands between. */
  readonly canConnect?: ((timeoutMs: number) => Promise<boolean>) | undefined;
}

export interface Failure {
  readonly isUnsent: boolean;
  readonly isTimeout: boolean;
  readonly reason: string;
}

export type Attempted =
  /** `bodyText` is there for a refusal; `response` still has its whole body. */
  | { readonly kind: "answered"; readonly response: Response; readonly bodyText?: string }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "client_gone" };

const REFUSAL_BODY_MAX_BYTES = 65_536;
// A refusal whose body does not come is judged without it: the next key is waiting.
const REFUSAL_BODY_TIMEOUT_MS = 5000;

export async function attempt(ports: AttemptPorts, outgoing: Outgoing): Promise<Attempted> {
  const { method, url, headers, body, clientSignal } = outgoing;
  const watch = watchAttempt(ports, clientSignal);
  try {
    const response = await ports.send({
      method,
      url,
      headers,
      signal: watch.signal,
      ...(body ? { body } : {}),
    });
    watch.headCame();
    if (!isRefusal(response.status)) return { kind: "answered", response };
    return await withBodyText(response, watch.signal);
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    if (watch.ended?.kind === "client_gone") return { kind: "client_gone" };
    if (watch.ended) return { kind: "failed", failure: watch.ended.failure };
    const isUnsent = error.failure === "not_sent";
    return { kind: "failed", failure: { isUnsent, isTimeout: false, reason: error.message } };
  } finally {
    watch.stop();
  }
}

async function withBodyText(response: Response, signal: AbortSignal): Promise<Attempted> {
  if (!response.body) return { kind: "answered", response, bodyText: "" };
  const [forClient, forJudging] = response.body.tee();
  const bodyText = await readTextHead(forJudging, REFUSAL_BODY_MAX_BYTES, signal);
  const { status, headers } = response;
  return { kind: "answered", response: new Response(forClient, { status, headers }), bodyText };
}

type Ending = { readonly kind: "client_gone" } | { readonly kind: "failed"; readonly failure: Failure };

// Ends an attempt when the client leaves or a time is over, and remembers why.
function watchAttempt(ports: AttemptPorts, clientSignal: AbortSignal) {
  const { clock, connectTimeoutMs, headTimeoutMs } = ports;
  const controller = new AbortController();
  let ended: Ending | undefined;
  const end = (how: Ending) => {
    ended ??= how;
    controller.abort();
  };
  const onClientGone = () => end({ kind: "client_gone" });
  const timers = [clock.after(headTimeoutMs, () => end(timeout("no answer", headTimeoutMs)))];
  timers.push(clock.after(connectTimeoutMs / 2, checkConnection));
  if (clientSignal.aborted) onClientGone();
  clientSignal.addEventListener("abort", onClientGone);

  // fetch does not tell whether it is connected. So when an answer is late, a connection of our own finds out
  // whether the upstream can be reached at all; only if it cannot, the attempt is given up early.
  async function checkConnection() {
    const isReachable = await ports.canConnect?.(connectTimeoutMs / 2) ?? true;
    if (!isReachable && timers.length > 0) end(timeout("no connection", connectTimeoutMs));
  }
  const stopTimers = () => {
    for (const cancel of timers.splice(0)) cancel();
  };
  return {
    signal: controller.signal,
    get ended() {
      return ended;
    },
    headCame() {
      stopTimers();
      timers.push(
        clock.after(REFUSAL_BODY_TIMEOUT_MS, () => end(timeout("no body", REFUSAL_BODY_TIMEOUT_MS))),
      );
    },
    stop() {
      stopTimers();
      clientSignal.removeEventListener("abort", onClientGone);
    },
  };
}

function timeout(what: string, afterMs: number): Ending {
  const reason = `${what} within ${afterMs / 1000} s`;
  return { kind: "failed", failure: { isUnsent: what === "no connection", isTimeout: true, reason } };
}
