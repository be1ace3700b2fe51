/**
 * Keeps a server listening. Its listener ends at the first connection that it cannot accept, as when the process is out
 * of descriptors; the exchanges under way go on. It is then opened again on the same port. Deno 2.6 does not tell of
 * the end while exchanges are open, so the listener is also asked for a sign of life every few seconds.
 * @module
 */

import type { Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import type { Acceptance, Listener } from "../system/http.ts";

/** What a {@link Listening} works with. */
export interface ListeningOptions {
  /** Listens on this port; 0: the system picks one. @throws {@link ListenError} */
  readonly open: (port: number) => Listener;
  /** Whether connections to this port are accepted. */
  readonly accepts: (port: number) => Promise<Acceptance>;
  /** Times the looks and the pauses. */
  readonly clock: Clock;
  /** Is told of failures. */
  readonly publish: Publish;
}

const LOOK_EVERY_MS = 2_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
// Something else holds the descriptors and does not let go: then connections without a request are closed.
const MAX_FAILURES = 4;

/** A port that is listened on until the end of the process, or until it is closed. */
export class Listening implements Disposable {
  readonly #options: ListeningOptions;
  readonly #closing = new AbortController();
  readonly #failed = new Set<Listener>();
  #listener: Listener;
  /** Why the present listener has ended; `undefined` while it has not. */
  #failure: string | undefined;
  /** Without a sign of life in between. */
  #failures = 0;
  #hurry = new AbortController();

  /** Listens. @throws {@link ListenError} */
  constructor(options: ListeningOptions, port: number) {
    this.#options = options;
    this.#listener = this.#open(port);
    void this.#keep();
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener.port;
  }

  /** Ends the looks; the last listener stays. */
  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#hurry.abort();
  }

  #open(port: number): Listener {
    const listener = this.#options.open(port);
    this.#failure = undefined;
    listener.failed.then((reason) => {
      if (listener !== this.#listener) return;
      this.#failure = reason;
      this.#hurry.abort();
    });
    return listener;
  }

  async #keep(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#pause(LOOK_EVERY_MS);
      const failure = this.#failure ?? await this.#silence();
      if (failure !== undefined && !this.#closing.signal.aborted) await this.#listenAgain(failure);
    }
  }

  /** Can be cut short by the end of the listener. */
  async #pause(forMs: number): Promise<void> {
    this.#hurry = new AbortController();
    if (this.#failure === undefined) await this.#options.clock.sleep(forMs, this.#hurry.signal);
  }

  /** Asked twice, since a busy machine may miss one answer. */
  async #silence(): Promise<string | undefined> {
    const { accepts } = this.#options;
    const answer = await accepts(this.port);
    if (answer === "yes") this.#recovered();
    return answer === "no" && await accepts(this.port) === "no" ? "it accepts no connections" : undefined;
  }

  async #listenAgain(reason: string): Promise<void> {
    const { port } = this;
    this.#report(reason);
    this.#failed.add(this.#listener);
    // A listener that says nothing holds the port.
    if (this.#failure === undefined || this.#failures >= MAX_FAILURES) this.#closeFailed();
    for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      await this.#options.clock.sleep(pauseMs * Math.max(1, this.#failures), this.#closing.signal);
      if (this.#closing.signal.aborted) return;
      try {
        this.#listener = this.#open(port);
        return;
      } catch {
        // Still no descriptor; or the port is not free yet.
        this.#closeFailed();
      }
    }
  }

  #closeFailed(): void {
    for (const listener of this.#failed) listener.shutdown().catch(() => {});
    this.#failed.clear();
  }

  #report(reason: string): void {
    this.#failures++;
    if (this.#failures > 1) return;
    const message = `cannot accept connections: ${reason}; requests under way go on, and it listens again`;
    this.#options.publish({
      atMs: this.#options.clock.nowMs(),
      level: "error",
      event: "proxy.accept_failed",
      message,
      fields: { reason },
    });
  }

  #recovered(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#options.publish({
      atMs: this.#options.clock.nowMs(),
      level: "info",
      event: "proxy.accept_recovered",
      message: "accepts connections again",
      fields: {},
    });
  }
}
