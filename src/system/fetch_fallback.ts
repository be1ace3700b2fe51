/**
 * Lets `fetch` send where our own client gets no connection: it goes through HTTP proxies that open no tunnel for us, and
 * closes the socket below a TLS handshake that nobody answers, which Deno's own sockets do not.
 * @module
 */

import type { Clock } from "./clock.ts";
import { SendError, type SendUpstream } from "./http.ts";
import { UnresolvedName } from "./name_lookup.ts";

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
      if (error instanceof UnresolvedName) throw error;
      this.#untilMs = clock.elapsedMs() + FALLBACK_MS;
      return await fetch(request);
    }
  };
}
