// Programs that tell how a signal has reached them through the one that runs them.

import assert from "node:assert/strict";
import { quoted, TerminalWindow } from "./terminal_window.ts";

/** For a shell. It signals its parent at once, and ends with 42 when the signal is handed on, after five seconds with 0. */
export const SIGNALS_PARENT =
  "trap 'exit 42' INT\nkill -INT $PPID\nfor i in $(seq 100); do sleep 0.05; done\n";

/**
 * For Deno and Node. It counts how often it is interrupted, and has its parent send another signal, which comes after all
 * that the first interrupt has led to.
 */
export const COUNTS_INTERRUPTS = [
  "let count = 0;",
  'process.on("SIGINT", () => ++count === 1 && process.kill(process.ppid, "SIGTERM"));',
  'process.on("SIGTERM", () => (console.log("interrupted", count), process.exit(0)));',
  "setInterval(() => {}, 1000);",
  'console.log("it runs");',
].join(" ");

/** Ctrl-C in a terminal where these words run {@link COUNTS_INTERRUPTS}, with what stands before them, reaches it once. */
export async function assertInterruptedOnce(
  words: readonly string[],
  { before, env }: { readonly before: string; readonly env: Readonly<Record<string, string>> },
): Promise<void> {
  await using tty = await TerminalWindow.open({ columns: 80, rows: 24, env });
  await tty.run(before, ...words.map(quoted));
  await tty.untilShows(/^it runs$/m);
  await tty.press("C-c");
  assert.match(await tty.untilShows(/interrupted \d/), /interrupted 1$/m);
}
