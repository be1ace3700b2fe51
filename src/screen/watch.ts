/**
 * An answer that is asked for again and again, and drawn over the whole terminal until a person has seen enough.
 * @module
 */

import { shortened } from "./cells.ts";
import { screenChanges } from "./screen_diff.ts";
import type { Clock } from "../system/clock.ts";
import { type Processes, signalExitCode, type SignalName } from "../system/process.ts";
import type { OpenScreen, Screen } from "../system/screen.ts";
import type { TerminalSize } from "../system/terminal.ts";
import { momentText } from "./durations.ts";

export interface WatchOptions<T> {
  /** From one answer to the next question. */
  readonly intervalMs: number;
  readonly ask: () => Promise<T>;
  /** Text that ends with a line end. */
  readonly draw: (answer: T, columns: number) => string;
}

/** What a watch needs of its surroundings. */
interface WatchWorld {
  readonly openScreen: OpenScreen;
  readonly processes: Pick<Processes, "onSignal">;
  readonly clock: Clock;
}

const ENDING_SIGNALS: readonly SignalName[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Resolves with the exit code: 0 after `q`, else that of the signal, as which Ctrl-C counts. Rejects when `ask` does. */
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

/** 0 also when the terminal is gone. */
async function exitCodeByKey({ keys }: Screen): Promise<number> {
  for await (const key of keys) {
    if (key.kind === "ctrl_c") return signalExitCode("SIGINT");
    if (key.kind === "char" && key.char === "q") return 0;
  }
  return 0;
}

/** Resolves once the screen is no longer ours. */
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

/** As many lines as the terminal has, the footer last. */
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
