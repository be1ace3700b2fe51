/**
 * Refuses new requests before the process runs out of descriptors. What is left then is a reserve for the requests
 * under way, the logs and the commands: without one they would fail in many ways, each time somewhere else.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import type { Refusal } from "./refusal.ts";

/** What an {@link Admission} works with. */
export interface AdmissionOptions {
  /** Whether this number of descriptors is free. Takes about a millisecond, for which hardly a request waits. */
  readonly hasSpare: (count: number) => boolean;
  /** Times when it is asked again. */
  readonly clock: Pick<Clock, "elapsedMs" | "after">;
}

/** Free descriptors below which requests are refused. */
export const RESERVE_DESCRIPTORS = 48;
// So even a burst leaves half of the reserve.
const CONNECTIONS_PER_LOOK = 24;
// Files take descriptors, too, and are not counted.
const LOOK_AGAIN_MS = 10_000;
const LATER_MS = 100;
// Requests refused in the meantime cost no look.
const REFUSE_FOR_MS = 100;

/** The answer to a request that is not taken. */
export const OVERLOADED: Refusal = {
  status: 503,
  type: "overloaded",
  message: "cdx2 has as many connections open as the system lets it; try again, and raise the limit with " +
    '"ulimit -n" before "cdx2 proxy --force" if it happens often',
  retry: { afterS: 1, resetsAtS: undefined },
  plain: undefined,
};

/** Decides whether a request is taken. */
export class Admission {
  readonly #options: AdmissionOptions;
  #lookedMs = -Infinity;
  #isLookPlanned = false;
  /** How many connections there may be before the next look; 0 when the last look found too few descriptors. */
  #ceiling = 0;

  /** Looks for the first time at the first request. */
  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Whether one more request may be taken beside this number of connections, with clients and upstreams. */
  admits(connections: () => number): boolean {
    const ageMs = this.#options.clock.elapsedMs() - this.#lookedMs;
    if (this.#ceiling === 0 && ageMs < REFUSE_FOR_MS) return false;
    if (connections() >= this.#ceiling) return this.#look(connections);
    if (ageMs >= LOOK_AGAIN_MS) this.#lookLater(connections);
    return true;
  }

  #look(connections: () => number): boolean {
    const isFree = this.#options.hasSpare(RESERVE_DESCRIPTORS);
    this.#lookedMs = this.#options.clock.elapsedMs();
    this.#ceiling = isFree ? connections() + CONNECTIONS_PER_LOOK : 0;
    return isFree;
  }

  /** No request waits for it. */
  #lookLater(connections: () => number): void {
    if (this.#isLookPlanned) return;
    this.#isLookPlanned = true;
    this.#options.clock.after(LATER_MS, () => {
      this.#isLookPlanned = false;
      this.#look(connections);
    });
  }
}
