/**
 * A full-screen view of an answer that is asked for at an interval, until the user quits.
 * @module
 */

import { shortened } from "./cells.ts";
import { screenChanges } from "./screen_diff.ts";
import type { Clock } from "../system/clock.ts";
import { signalExitCode } from "../system/process.ts";
import type { Key } from "../system/keys.ts";
import type { Screen } from "../system/screen.ts";
import type { TerminalSize } from "../system/terminal.ts";
import { latencyText, timeText } from "../values/durations.ts";
import { onScreen, type ScreenWorld } from "./on_screen.ts";

/** What to show, and how often to ask for it. */
export interface WatchOptions<T> {
  /** From one answer to the next request. */
  readonly intervalMs: number;
  readonly ask: () => Promise<T>;
  /** The answer as text that ends with a line end, for this many cells and lines. More lines can be scrolled. */
  readonly draw: (answer: T, size: TerminalSize) => string;
}

/** What a watch needs of the world. */
interface WatchWorld extends ScreenWorld {
  readonly clock: Clock;
}

/**
 * Shows the view until the user presses `q` or Ctrl-C, or a signal comes; arrows scroll it, `r` asks at once. Resolves
 * with the exit code: 0 after `q`, else that of the signal; Ctrl-C counts as SIGINT. Rejects when `ask` rejects.
 */
export async function watch<T>(world: WatchWorld, options: WatchOptions<T>): Promise<number> {
  return await onScreen(world, (screen, closed) => {
    const view = new Watch(screen, world.clock, options, closed);
    return Promise.race([view.handleKeys(), view.refresh().then(() => 0)]);
  });
}

class Watch<T> {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #options: WatchOptions<T>;
  readonly #closed: AbortSignal;
  #shown: readonly string[] | undefined;
  #answer: { readonly value: T; readonly atMs: number } | undefined;
  #isAsking = false;
  /** The first line on the screen. */
  #top = 0;
  /** Ends the pause before the next question. */
  #askNow = new AbortController();

  constructor(screen: Screen, clock: Clock, options: WatchOptions<T>, closed: AbortSignal) {
    this.#screen = screen;
    this.#clock = clock;
    this.#options = options;
    this.#closed = closed;
    screen.onResize(() => {
      this.#shown = undefined;
      this.#paint();
    });
  }

  /** Returns the exit code; 0 also when the terminal has been closed. */
  async handleKeys(): Promise<number> {
    for await (const key of this.#screen.keys) {
      if (key.kind === "ctrl_c") return signalExitCode("SIGINT");
      if (key.kind === "char" && key.char === "q") return 0;
      if (key.kind === "char" && key.char === "r") this.#askNow.abort();
      this.#top += linesMoved(key, this.#room);
      this.#paint();
    }
    return 0;
  }

  /** Asks and draws at the interval; resolves after `closed` has aborted. */
  async refresh(): Promise<void> {
    const { intervalMs, ask } = this.#options;
    while (!this.#closed.aborted) {
      this.#isAsking = true;
      this.#paint();
      this.#answer = { value: await ask(), atMs: this.#clock.nowMs() };
      this.#isAsking = false;
      this.#askNow = new AbortController();
      this.#paint();
      await this.#clock.sleep(intervalMs, AbortSignal.any([this.#closed, this.#askNow.signal]));
    }
  }

  /** The number of lines above the footer. */
  get #room(): number {
    return Math.max(1, this.#screen.size.rows - 1);
  }

  #paint(): void {
    if (this.#closed.aborted) return;
    const { size } = this.#screen;
    const text = this.#answer ? this.#options.draw(this.#answer.value, { ...size, rows: this.#room }) : "";
    const lines = text.split("\n").slice(0, -1);
    this.#top = Math.max(0, Math.min(this.#top, lines.length - this.#room));
    const visible = lines.slice(this.#top, this.#top + this.#room);
    const blank = Array.from({ length: this.#room - visible.length }, () => "");
    const screen = [...visible, ...blank, this.#footer(lines.length)].slice(-size.rows)
      .map((line) => shortened(line, size.columns));
    this.#screen.write(screenChanges(this.#shown, screen));
    this.#shown = screen;
  }

  #footer(lineCount: number): string {
    const { intervalMs } = this.#options;
    const last = Math.min(lineCount, this.#top + this.#room);
    const scroll = lineCount > this.#room ? `  ↑↓ scroll (${this.#top + 1}–${last} of ${lineCount})` : "";
    const when = this.#isAsking || !this.#answer
      ? "asking…"
      : `updated ${timeText(this.#answer.atMs)}, again every ${latencyText(intervalMs)}`;
    return `q quit  r refresh${scroll}  ${when}`;
  }
}

/** How many lines a key moves down; negative for up. */
function linesMoved({ kind }: Key, room: number): number {
  switch (kind) {
    case "up":
      return -1;
    case "down":
      return 1;
    case "page_up":
      return -room;
    case "page_down":
      return room;
    case "home":
      return -Infinity;
    case "end":
      return Infinity;
    default:
      return 0;
  }
}
