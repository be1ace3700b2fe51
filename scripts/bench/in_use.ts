/**
 * Keeps programs in use that are not measured at the moment.
 * @module
 */

import { setInterval } from "node:timers/promises";
import { KEYS_CASE } from "./cases.ts";
import { load, type Target } from "./load.ts";

// Below the pause after which cdx2 returns memory, and compiled code with it.
const EVERY_MS = 3000;
const ONE_REQUEST = { ...KEYS_CASE, concurrency: 1, maxCount: 1 };

/** Sends each of them a request every three seconds, until it is disposed of. What goes wrong is found by who measures. */
export function keepInUse(targets: readonly Target[]): AsyncDisposable {
  const stopping = new AbortController();
  const going = sendInTurns(targets, stopping.signal);
  return {
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      return going;
    },
  };
}

async function sendInTurns(targets: readonly Target[], signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of setInterval(EVERY_MS, undefined, { signal })) {
      await Promise.allSettled(targets.map((target) => load(target, ONE_REQUEST)));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
