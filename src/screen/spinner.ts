/**
 * Says on standard error that the program is at work, while a person waits. It goes without a trace.
 * @module
 */

import type { Cancel, Clock } from "../system/clock.ts";
import type { Terminal } from "../system/terminal.ts";

const FRAMES = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
// Also the time within which an answer makes it superfluous.
const FRAME_MS = 100;
const CLEAR_LINE = "\r\x1b[2K";

export class Spinner {
  /** What is being done. */
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

  /** Takes it off the screen. */
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
