/**
 * Lets `fetch` send where our own client gets no connection. Deno's sockets know less of a bad network than its `fetch`
 * does: Deno 2.6 tries only the first address of a name, 2.9 stops at the first that refuses, and neither closes the
 * socket below a TLS handshake that nobody answers. Addresses that are not named in the settings cannot be tried one by
 * one either, since the sandbox would have to permit them.
 * @module
 */

import type { Clock } from "./clock.ts";
import { SendError, type SendUpstream } from "./http.ts";

// After that the own client tries again: networks get well.
const FALLBACK_MS = 60_000;

/** The two ways to send to one upstream. */
export interface FallbackOptions {
  /** The first to try. */
  readonly own: SendUpstream;
  /** For what the own one cannot connect. */
  readonly fetch: SendUpstream;
  /** Measures how long the second one is used. */
  readonly clock: Clock;
}

/** Sends to one upstream. */
export class FetchFallback {
  readonly #options: FallbackOptions;
  #untilMs = -Infinity;

  /** Begins with the own client. */
  constructor(options: FallbackOptions) {
    this.#options = options;
  }

  /** The own client could not connect within the last minute. */
  get isActive(): boolean {
    return this.#options.clock.elapsedMs() < this.#untilMs;
  }

  /** Sends with the own client, or with `fetch`. */
  readonly send: SendUpstream = async (request) => {
    const { own, fetch, clock } = this.#options;
    if (this.isActive) return await fetch(request);
    try {
      return await own(request);
    } catch (error) {
      if (!(error instanceof SendError) || error.failure !== "not_sent") throw error;
      this.#untilMs = clock.elapsedMs() + FALLBACK_MS;
      return await fetch(request);
    }
  };
}
