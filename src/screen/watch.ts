/**
 * A full-screen view of an answer that is asked for at an interval, until the user quits.
 * @module
 */

import { shortened } from "./cells.ts";
import { screenChanges } from "./screen_diff.ts";
import type { Clock } from "../system/clock.ts";
import { type Processes, signalExitCode, type SignalName } from "../system/process.ts";
import type { OpenScreen, Screen } from "../system/screen.ts";
import type { TerminalSize } from "../system/terminal.ts";
import { momentText } from "./durations.ts";

/** What to show, and how often to ask for it. */
export interface WatchOptions<T> {
  /** From one answer to the next request. */
  readonly intervalMs: number;
  readonly ask: () => Promise<T>;
  /** The answer as text that ends with a line end. `columns` is the width of the terminal. */
  readonly draw: (answer: T, columns: number) => string;
}

/** What a watch needs of the world. */
interface WatchWorld {
  readonly openScreen: OpenScreen;
  readonly processes: Pick<Processes, "onSignal">;
  readonly clock: Clock;
}

const ENDING_SIGNALS: readonly SignalName[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Shows the view until the user presses `q` or Ctrl-C, or a signal comes. Resolves with the exit code: 0 after `q`, else
 * that of the signal; Ctrl-C counts as SIGINT. Rejects when `ask` rejects.
 */
export async function watch<T>(world: WatchWorld, options: WatchOptions<T>): Promise<number> {
  const { openScreen, processes } = world;
  const { promise: stopped, resolve: stop } = Promise.withResolvers<number>();
  const forget = ENDING_SIGNALS.map((name) => processes.onSignal(name, () => stop(signalExitCode(name))));
  const over = new AbortController();
  const screen = openScreen();
  try {
    const drawing = drawAgain(screen, world, options, over.signal).then(() => stopped);
    return await Promise.race([stopped, exitCodeByKey(screen), drawing]);
  } finally {
    over.abort();
    for (const act of forget) act();
    screen.close();
  }
}

/** 0 also when the terminal has been closed. */
async function exitCodeByKey({ keys }: Screen): Promise<number> {
  for await (const key of keys) {
    if (key.kind === "ctrl_c") return signalExitCode("SIGINT");
    if (key.kind === "char" && key.char === "q") return 0;
  }
  return 0;
}

/** Resolves after `over` has aborted. */
async function drawAgain<T>(
  screen: Screen,
  { clock }: WatchWorld,
  { intervalMs, ask, draw }: WatchOptions<T>,
  over: AbortSignal,
): Promise<void> {
  let shown: readonly string[] | undefined;
  let textFor = (_columns: number) => "";
  let footer = "";
  const paint = () => {
    if (over.aborted) return;
    const lines = screenLines(textFor(screen.size.columns), footer, screen.size);
    screen.write(screenChanges(shown, lines));
    shown = lines;
  };
  screen.onResize(() => {
    shown = undefined;
    paint();
  });
  while (!over.aborted) {
    footer = "asking…";
    paint();
    const answer = await ask();
    textFor = (columns) => draw(answer, columns);
    footer = `updated ${momentText(clock.nowMs(), clock.nowMs())}, again every ${
      intervalMs / 1000
    } s; q quits`;
    paint();
    await clock.sleep(intervalMs, over);
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
