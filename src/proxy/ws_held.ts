/**
 * Messages of the upstream that the client does not get yet: they show nothing to the user, and another key may still
 * answer in their place.
 * @module
 */

import type { Cancel, Clock } from "../system/clock.ts";
import { HEAD_MAX_MS } from "../upstream/stream.ts";
import { MAX_INVISIBLE_BYTES } from "../upstream/stream_judge.ts";

/** What is held back of one answer: for as long, and as much, as over HTTP. */
export class HeldMessages {
  readonly #clock: Clock;
  readonly #emit: (text: string) => void;
  readonly #texts: string[] = [];
  #chars = 0;
  /** The time or the bytes were reached: nothing more of this answer is held. */
  #isOver = false;
  #cancelTimer: Cancel = () => {};

  /** `emit` gives a message to the client. */
  constructor(clock: Clock, emit: (text: string) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Holds a message back, or emits it where enough is held. */
  hold(text: string): void {
    if (this.#isOver) return this.#emit(text);
    if (this.#texts.push(text) === 1) {
      this.#cancelTimer = this.#clock.after(HEAD_MAX_MS, () => this.#endHold());
    }
    this.#chars += text.length;
    // Counted in characters: events are ASCII but for what they quote.
    if (this.#chars >= MAX_INVISIBLE_BYTES) this.#endHold();
  }

  /** Emits what is held. What comes next belongs to another answer, or is visible. */
  release(): void {
    if (this.#texts.length > 0) this.#endHold();
    this.#isOver = false;
  }

  /** Forgets what is held: another answer takes its place. */
  drop(): void {
    this.#cancelTimer();
    this.#texts.length = 0;
    this.#chars = 0;
    this.#isOver = false;
  }

  #endHold(): void {
    const texts = this.#texts.splice(0);
    this.drop();
    this.#isOver = true;
    for (const text of texts) this.#emit(text);
  }
}
