/**
 * A full-screen view of an answer that is asked for at an interval, until the user quits.
 * @module
 */

import { shortened } from "./cells.ts";
import { screenChanges } from "./screen_diff.ts";
import type { Clock } from "../system/clock.ts";
import { signalExitCode } from "../system/process.ts";
import type { Screen } from "../system/screen.ts";
import type { TerminalSize } from "../system/terminal.ts";
import { timeText } from "./durations.ts";
import { onScreen, type ScreenWorld } from "./on_screen.ts";

/** What to show, and how often to ask for it. */
export interface WatchOptions<T> {
  /** From one answer to the next request. */
  readonly intervalMs: number;
  readonly ask: () => Promise<T>;
  /** The answer as text that ends with a line end. `columns` is the width of the terminal. */
  readonly draw: (answer: T, columns: number) => string;
}

/** What a watch needs of the world. */
interface WatchWorld extends ScreenWorld {
  readonly clock: Clock;
}

/**
 * Shows the view until the user presses `q` or Ctrl-C, or a signal comes. Resolves with the exit code: 0 after `q`, else
 * that of the signal; Ctrl-C counts as SIGINT. Rejects when `ask` rejects.
 */
export async function watch<T>(world: WatchWorld, options: WatchOptions<T>): Promise<number> {
  return await onScreen(world, (screen, closed) => {
    const drawing = drawAgain(screen, world, options, closed).then(() => 0);
    return Promise.race([exitCodeByKey(screen), drawing]);
  });
}

/** 0 also when the terminal has been closed. */
async function exitCodeByKey({ keys }: Screen): Promise<number> {
  for await (const key of keys) {
    if (key.kind === "ctrl_c") return signalExitCode("SIGINT");
    if (key.kind === "char" && key.char === "q") return 0;
  }
  return 0;
}

/** Resolves after `closed` has aborted. */
async function drawAgain<T>(
  screen: Screen,
  { clock }: WatchWorld,
  { intervalMs, ask, draw }: WatchOptions<T>,
  closed: AbortSignal,
): Promise<void> {
  let shown: readonly string[] | undefined;
  let textFor = (_columns: number) => "";
  let footer = "";
  const paint = () => {
    if (closed.aborted) return;
    const lines = screenLines(textFor(screen.size.columns), footer, screen.size);
    screen.write(screenChanges(shown, lines));
    shown = lines;
  };
  screen.onResize(() => {
    shown = undefined;
    paint();
  });
  while (!closed.aborted) {
    footer = "asking…";
    paint();
    const answer = await ask();
    textFor = (columns) => draw(answer, columns);
    footer = `updated ${timeText(clock.nowMs())}, again every ${intervalMs / 1000} s; q quits`;
    paint();
    await clock.sleep(intervalMs, closed);
  }
}

/** Exactly as many lines as the terminal has; the footer is the last one. */
function screenLines(text: string, footer: string, { rows, columns }: TerminalSize): readonly string[] {
  const lines = text.split("\n").slice(0, -1);
  const room = rows - 1;
  const hiddenCount = lines.length - room + 1;
  const visible = hiddenCount > 1
    ? [...lines.slice(0, room - 1), `… ${hiddenCount} more lines; a larger window shows them`]
    : lines;
  const blank = Array.from({ length: Math.max(0, room - visible.length) }, () => "");
  return [...visible, ...blank, footer].map((line) => shortened(line, columns));
}
