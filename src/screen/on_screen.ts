/**
 * The life of a full-screen view: the terminal is taken, and given back however the view ends.
 * @module
 */

import { onEndingSignal, type Processes } from "../system/process.ts";
import type { OpenScreen, Screen } from "../system/screen.ts";

/** What a view needs of the world. */
export interface ScreenWorld {
  readonly openScreen: OpenScreen;
  readonly processes: Pick<Processes, "onSignal">;
}

/**
 * Shows a view until `show` resolves with an exit code or a signal comes, whose exit code it then is. `closed` aborts
 * before the terminal is given back: from then on the view must not write. Rejects when `show` does.
 */
export async function onScreen(
  { openScreen, processes }: ScreenWorld,
  show: (screen: Screen, closed: AbortSignal) => Promise<number>,
): Promise<number> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<number>();
  const forget = onEndingSignal(processes, stop);
  const closing = new AbortController();
  const screen = openScreen();
  try {
    return await Promise.race([stopped, show(screen, closing.signal)]);
  } finally {
    closing.abort();
    forget();
    screen.close();
  }
}
