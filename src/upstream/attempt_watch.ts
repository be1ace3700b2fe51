/**
 * Bounds one attempt in time, and ends it when the client disconnects. It remembers which of the two ended the attempt,
 * because the error of the request then looks the same for both.
 * @module
 */

import { type Cancel, type Clock, wallOffsetMs } from "../system/clock.ts";
import { SendError, type SendUpstream } from "../system/http.ts";
import type { ConnectionReuse } from "./connection_reuse.ts";
import { type Loss, lossOf, type Repeating, type Silence } from "./lost_connection.ts";
import { latencyText } from "../values/durations.ts";

/** The way to the upstream, the same for all attempts. */
export interface UpstreamLink {
  /** Sends a request. */
  readonly send: SendUpstream;
  /** Measures the timeouts. */
  readonly clock: Clock;
  /** Whether the upstream can be connected to within a time; `undefined` when a proxy is between. */
  readonly canConnect: ((timeoutMs: number) => Promise<boolean>) | undefined;
  /** Whether a request may go on a connection that was used before. */
  readonly reuse: ConnectionReuse;
  /** How long the upstream may take. */
  readonly timeouts: AttemptTimeouts;
}

/** How long the upstream may take. */
export interface AttemptTimeouts {
  /** To establish a connection; looked at only after half of this time without an answer. */
  readonly connectTimeoutMs: number;
  /** From the start of the attempt to the head of the answer. */
  readonly headTimeoutMs: number;
  /** How long the upstream may take to send the next chunk of an answer, and the client to take it. */
  readonly idleTimeoutMs: number;
}

/** Why there is no answer. */
export interface Failure {
  /** No byte of the request has left: it may be sent again. */
  readonly isUnsent: boolean;
  /** The upstream took longer than it may. */
  readonly isTimeout: boolean;
  /** The connection was lost, not the upstream too slow, and the request may be sent again although it may have arrived. */
  readonly isLost: boolean;
  /** A few words, such as `connection refused`; holds no secret. */
  readonly reason: string;
}

/** How an attempt ended without an answer. */
export type NoAnswer =
  | { readonly kind: "client_disconnected" }
  | { readonly kind: "failed"; readonly failure: Failure };

const LOSSES: Readonly<Record<Loss, string>> = {
  slept: "connection lost while the computer slept",
  used: "used connection was dead",
};

/** Watches one attempt, from its construction to {@link AttemptWatch.stop}. */
export class AttemptWatch {
  /** Whether the request may go on a connection that was used before. */
  readonly mayReuse: boolean;
  readonly #link: UpstreamLink;
  readonly #clientSignal: AbortSignal;
  readonly #repeating: Repeating;
  readonly #wallOffsetMs: number;
  readonly #startedMs: number;
  readonly #controller = new AbortController();
  readonly #onDisconnect = () => this.#end({ kind: "client_disconnected" });
  readonly #cancelHead: Cancel;
  #cancelLook: Cancel | undefined;
  #hasHead = false;
  #looks = 0;
  /** What the last look found. */
  #suspicion: Loss | undefined;
  #ended: NoAnswer | undefined;

  /** `clientSignal` aborts when the client disconnects; `repeating` is what it would mean to send the request again. */
  constructor(link: UpstreamLink, clientSignal: AbortSignal, repeating: Repeating) {
    const { clock, reuse, timeouts: { headTimeoutMs } } = link;
    this.#link = link;
    this.#clientSignal = clientSignal;
    this.#repeating = repeating;
    this.#wallOffsetMs = wallOffsetMs(clock);
    this.#startedMs = clock.elapsedMs();
    this.mayReuse = reuse.mayReuse();
    this.#cancelHead = clock.after(headTimeoutMs, () => this.#end(timeout("no answer", headTimeoutMs)));
    this.#lookLater();
    if (clientSignal.aborted) this.#onDisconnect();
    clientSignal.addEventListener("abort", this.#onDisconnect);
  }

  /** Aborts when the attempt is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The head of the answer has come: it is late no longer. */
  headArrived(): void {
    this.#hasHead = true;
    this.#cancelHead();
    this.#cancelLook?.();
  }

  /** Ends the watch. The attempt is not aborted by it. */
  stop(): void {
    this.headArrived();
    this.#clientSignal.removeEventListener("abort", this.#onDisconnect);
  }

  /** How the attempt ended that failed with `error`. @throws the error itself when it is a bug */
  endingOf(error: unknown): NoAnswer {
    if (!(error instanceof SendError)) throw error;
    if (this.#ended) return this.#ended;
    const isUnsent = error.failure === "not_sent";
    const isLost = error.failure === "interrupted" && this.#loss("broken", error.wasUsed) !== undefined;
    if (isLost) this.#link.reuse.drop();
    return { kind: "failed", failure: { isUnsent, isTimeout: false, isLost, reason: error.message } };
  }

  // `fetch` does not tell whether it is connected, and neither client whether the upstream is still there. So when an
  // answer is late, a new connection finds out whether it can be reached at all; if not, the attempt ends early. Each look
  // is also for signs of a lost connection: they count when two looks find them, since an answer may be under way at the
  // first.
  async #look(): Promise<void> {
    const { canConnect, timeouts: { connectTimeoutMs } } = this.#link;
    const isFirst = this.#looks++ === 0;
    const loss = this.#loss("overdue");
    const isCertain = loss !== undefined && loss === this.#suspicion;
    this.#suspicion = loss;
    if (isFirst || isCertain) {
      const isReachable = await canConnect?.(connectTimeoutMs / 2) ?? true;
      if (this.#hasHead) return;
      if (isReachable && isCertain) return this.#endAsLost(loss);
      // After a sleep the network needs a moment.
      if (!isReachable && isFirst && loss !== "slept") {
        return this.#end(timeout("no connection", connectTimeoutMs));
      }
    }
    this.#lookLater();
  }

  #lookLater(): void {
    const { clock, timeouts: { connectTimeoutMs } } = this.#link;
    this.#cancelLook = clock.after(connectTimeoutMs / 2, () => void this.#look());
  }

  #loss(silence: Silence, wasUsed = this.mayReuse): Loss | undefined {
    const { clock, reuse, timeouts: { connectTimeoutMs } } = this.#link;
    return lossOf(silence, {
      repeating: this.#repeating,
      isReused: wasUsed,
      sleptMs: wallOffsetMs(clock) - this.#wallOffsetMs,
      isPoolSilent: clock.elapsedMs() - this.#startedMs >= 3 * connectTimeoutMs &&
        reuse.lastUsedMs <= this.#startedMs,
    });
  }

  #endAsLost(loss: Loss): void {
    this.#link.reuse.drop();
    const reason = `${LOSSES[loss]}: no answer, but a new connection opens`;
    this.#end({ kind: "failed", failure: { isUnsent: false, isTimeout: false, isLost: true, reason } });
  }

  #end(how: NoAnswer): void {
    this.#ended ??= how;
    this.#controller.abort();
  }
}

function timeout(what: string, afterMs: number): NoAnswer {
  const reason = `${what} within ${latencyText(afterMs)}`;
  const isUnsent = what === "no connection";
  return { kind: "failed", failure: { isUnsent, isTimeout: true, isLost: false, reason } };
}
