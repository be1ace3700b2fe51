/**
 * Bounds one attempt in time, and ends it when the client disconnects. It remembers which of the two ended the attempt,
 * because the error that `fetch` throws then looks the same for both.
 * @module
 */

import type { Cancel, Clock } from "../system/clock.ts";
import { type Send, SendError } from "../system/http.ts";

/** The way to the upstream, the same for all attempts. */
export interface UpstreamLink {
  /** Sends a request. */
  readonly send: Send;
  /** Measures the timeouts. */
  readonly clock: Clock;
  /** Whether the upstream can be connected to within a time; `undefined` when a proxy is between. */
  readonly canConnect: ((timeoutMs: number) => Promise<boolean>) | undefined;
  /** How long the upstream may take. */
  readonly timeouts: AttemptTimeouts;
}

/** How long the upstream may take. */
export interface AttemptTimeouts {
  /** To establish a connection; looked at only after half of this time without an answer. */
  readonly connectTimeoutMs: number;
  /** From the start of the attempt to the head of the answer. */
  readonly headTimeoutMs: number;
  /** The maximum silence between two chunks of a judged stream. */
  readonly idleTimeoutMs: number;
}

/** Why there is no answer. */
export interface Failure {
  /** No byte of the request has left: it may be sent again. */
  readonly isUnsent: boolean;
  /** The upstream took longer than it may. */
  readonly isTimeout: boolean;
  /** A few words, such as `connection refused`; holds no secret. */
  readonly reason: string;
}

/** How an attempt ended without an answer. */
export type NoAnswer =
  | { readonly kind: "client_disconnected" }
  | { readonly kind: "failed"; readonly failure: Failure };

// A refusal whose body does not come is judged without it: the next key is waiting.
const REFUSAL_BODY_TIMEOUT_MS = 5000;

/** Watches one attempt, from its construction to {@link AttemptWatch.stop}. */
export class AttemptWatch {
  readonly #link: UpstreamLink;
  readonly #clientSignal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #onDisconnect = () => this.#end({ kind: "client_disconnected" });
  #timers: Cancel[];
  #ended: NoAnswer | undefined;

  /** `clientSignal` aborts when the client disconnects. */
  constructor(link: UpstreamLink, clientSignal: AbortSignal) {
    const { clock, timeouts: { connectTimeoutMs, headTimeoutMs } } = link;
    this.#link = link;
    this.#clientSignal = clientSignal;
    this.#timers = [
      clock.after(headTimeoutMs, () => this.#end(timeout("no answer", headTimeoutMs))),
      clock.after(connectTimeoutMs / 2, () => void this.#checkConnection()),
    ];
    if (clientSignal.aborted) this.#onDisconnect();
    clientSignal.addEventListener("abort", this.#onDisconnect);
  }

  /** Aborts when the attempt is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The head of the answer has come: it is late no longer. */
  headArrived(): void {
    for (const cancel of this.#timers.splice(0)) cancel();
  }

  /** Ends the attempt when the body of a refusal has not come within 5 s. */
  limitBody(): void {
    const end = () => this.#end(timeout("no body", REFUSAL_BODY_TIMEOUT_MS));
    this.#timers.push(this.#link.clock.after(REFUSAL_BODY_TIMEOUT_MS, end));
  }

  /** Ends the watch. The attempt is not aborted by it. */
  stop(): void {
    this.headArrived();
    this.#clientSignal.removeEventListener("abort", this.#onDisconnect);
  }

  /** How the attempt ended that failed with `error`. @throws the error itself when it is a bug */
  endingOf(error: unknown): NoAnswer {
    if (!(error instanceof SendError)) throw error;
    const failure = { isUnsent: error.failure === "not_sent", isTimeout: false, reason: error.message };
    return this.#ended ?? { kind: "failed", failure };
  }

  // fetch does not tell whether it is connected. So when an answer is late, a connection of our own finds out whether the
  // upstream can be reached at all; only if it cannot, the attempt ends early.
  async #checkConnection(): Promise<void> {
    const { canConnect, timeouts: { connectTimeoutMs } } = this.#link;
    const isReachable = await canConnect?.(connectTimeoutMs / 2) ?? true;
    if (!isReachable && this.#timers.length > 0) this.#end(timeout("no connection", connectTimeoutMs));
  }

  #end(how: NoAnswer): void {
    this.#ended ??= how;
    this.#controller.abort();
  }
}

function timeout(what: string, afterMs: number): NoAnswer {
  const reason = `${what} within ${afterMs / 1000} s`;
  return { kind: "failed", failure: { isUnsent: what === "no connection", isTimeout: true, reason } };
}
