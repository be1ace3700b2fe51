/**
 * The worker's end of `/usage`: only the main thread can read the usage history, so each question is passed on to it.
 * @module
 */

import type { Usage } from "../api/usage.ts";
import { type Clock, withDeadline } from "../system/clock.ts";
import type { UsageQuery } from "./usage_page.ts";

/** A question of the worker. */
export interface UsageQuestion extends UsageQuery {
  /** The answer has the same. */
  readonly id: number;
}

// Three months of a large pool take two seconds.
const TIMEOUT_MS = 10_000;

/** Asks the main thread, and brings the answers back to those who asked. */
export class UsageQuestions {
  readonly #clock: Clock;
  readonly #send: (question: UsageQuestion) => void;
  readonly #open = new Map<number, (answer: Usage | undefined) => void>();
  #lastId = 0;

  /** `send` sends a question to the main thread. */
  constructor(clock: Clock, send: (question: UsageQuestion) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Resolves with the report; `undefined` when the history cannot be read, or not in time. */
  async ask(query: UsageQuery): Promise<Usage | undefined> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Usage | undefined>();
    this.#open.set(id, resolve);
    this.#send({ id, ...query });
    try {
      return await withDeadline(this.#clock, TIMEOUT_MS, () => promise);
    } finally {
      this.#open.delete(id);
    }
  }

  /** Takes an answer of the main thread; one that came too late has no effect. */
  take(id: number, answer: Usage | undefined): void {
    this.#open.get(id)?.(answer);
  }
}
