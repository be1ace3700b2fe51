/**
 * Shows on standard error that the program is working while the user waits. Nothing of it is left on the screen.
 * @module
 */

import type { Cancel, Clock } from "../system/clock.ts";
import type { Terminal } from "../system/terminal.ts";

const FRAMES = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
// Also the time before the first frame: a quicker answer needs no spinner.
const FRAME_MS = 100;
const CLEAR_LINE = "\r\x1b[2K";

/** Turns from its creation until {@link Spinner.stop}. */
export class Spinner {
  /** What is being done; may change at any time. */
  text: string;
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  #cancel: Cancel;
  #drawnCount = 0;

  constructor({ terminal, clock }: { terminal: Terminal; clock: Clock }, text: string) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.text = text;
    this.#cancel = clock.after(FRAME_MS, () => this.#draw());
  }

  /** Stops and removes it from the screen. */
  stop(): void {
    this.#cancel();
    if (this.#drawnCount > 0) this.#terminal.err(CLEAR_LINE);
  }

  #draw(): void {
    const frame = FRAMES[this.#drawnCount++ % FRAMES.length];
    this.#terminal.err(`${CLEAR_LINE}${frame} ${this.text}`);
    this.#cancel = this.#clock.after(FRAME_MS, () => this.#draw());
  }
}
