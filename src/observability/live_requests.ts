/**
 * What is going on at this moment: attempts that have not ended, requests that wait for a key, and the newest requests
 * that the proxy refused by itself. The ring of the trace only knows what has ended at the upstream.
 * @module
 */

import type { RefusedRequest, RunningRow } from "../api/trace.ts";
import type { ProxyEvent } from "./event.ts";
import { Waiters } from "./waiters.ts";

/** What changes in a running attempt. */
export type RunningChange = Partial<
  Pick<RunningRow, "state" | "input_tokens" | "cached_tokens" | "output_tokens">
>;

/** An attempt, or a wait for a key, that has not ended. */
export interface Running {
  /** Notes what has changed. Does nothing after {@link Running.end}. */
  change(change: RunningChange): void;
  /** It has ended; a second call does nothing. */
  end(): void;
}

interface Begun {
  /** `undefined` once it has ended: what a Set held lives on for a while. */
  row: (() => RunningRow) | undefined;
  change: RunningChange;
}

// A viewer learns of each as it comes; more are in the event log.
const MAX_REFUSED = 20;

/** Holds what is running. */
export class LiveRequests {
  readonly #redact: (row: RunningRow) => RunningRow;
  readonly #rows = new Set<Begun>();
  readonly #waiters = new Waiters();
  #refused: readonly RefusedRequest[] = [];
  #version = 0;

  /** `redact` removes secrets from a row before anybody sees it. */
  constructor(redact: (row: RunningRow) => RunningRow) {
    this.#redact = redact;
  }

  /** Changes whenever something that is shown does. */
  get version(): number {
    return this.#version;
  }

  /** Attempts and waits that have not ended, in the order in which they began. */
  get running(): readonly RunningRow[] {
    return [...this.#rows].flatMap(({ row, change }) => row ? [this.#redact({ ...row(), ...change })] : []);
  }

  /** The newest requests that the proxy refused by itself, oldest first. */
  get refused(): readonly RefusedRequest[] {
    return this.#refused;
  }

  /** An attempt, or a wait for a key, begins. `row` is called when somebody looks, which is seldom. */
  begin(row: () => RunningRow): Running {
    const begun: Begun = { row, change: {} };
    this.#rows.add(begun);
    this.#changed();
    return {
      change: (change) => {
        if (!begun.row) return;
        begun.change = { ...begun.change, ...change };
        this.#changed();
      },
      end: () => {
        if (!begun.row) return;
        begun.row = undefined;
        this.#rows.delete(begun);
        this.#changed();
      },
    };
  }

  /** Keeps a refusal and ignores all other events. It expects events that have been redacted. */
  add({ event, atMs, message, fields }: ProxyEvent): void {
    if ((event !== "proxy.refused" && event !== "auth.pool_exhausted") || !("type" in fields)) return;
    const { request_id, method, path, client_ip, status, type } = fields;
    const refused = { ts: atMs / 1000, request_id, method, path, client_ip, status, type, message };
    this.#refused = [...this.#refused, refused].slice(-MAX_REFUSED);
    this.#changed();
  }

  /** Resolves when {@link LiveRequests.version} is not this one, or when `signal` aborts. */
  async untilChanged(version: number, signal: AbortSignal): Promise<void> {
    if (version === this.#version) await this.#waiters.next(signal);
  }

  #changed(): void {
    this.#version++;
    this.#waiters.wake();
  }
}
