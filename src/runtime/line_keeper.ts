/**
 * Keeps the file for `cdx2 all --line` up to date while somebody is interested: for ten minutes after the states of the keys
 * were asked for.
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { Account } from "../api/account.ts";
import { nextChangeMs, type PoolFigures, poolFigures } from "../api/pool_figures.ts";
import type { Clock } from "../system/clock.ts";
import { type KeptLine, writeLineFile } from "./line_file.ts";

const LOOK_EVERY_MS = 1_000;
const INTEREST_MS = 10 * 60_000;
// A proxy that hangs says nothing new, and a prompt must not go on with what it said last.
const VALID_MS = 60_000;
const RENEWED_MS = VALID_MS / 2;
// With ten thousand keys a look takes 8 to 17 ms.
const MAX_SHARE = 1 / 100;

/** What a {@link LineKeeper} works with. */
export interface LineKeeperOptions {
  /** Times the looks and dates the file. */
  readonly clock: Pick<Clock, "nowMs" | "elapsedMs" | "sleep">;
  /** The process that it writes for. */
  readonly by: KeptLine["by"];
  /** The keys as `/health` shows them, at this time of the wall clock. */
  readonly look: () => { readonly accounts: readonly Account[]; readonly wallMs: number };
  /** Replaces the file. What goes wrong may be thrown: then the command asks the proxy. */
  readonly write: (text: string) => Promise<void>;
}

/** Writes nothing before it is told that somebody asked, and nothing after it is disposed of. */
export class LineKeeper implements Disposable {
  readonly #options: LineKeeperOptions;
  readonly #stopping = new AbortController();
  #askedMs = -Infinity;
  #isKeeping = false;

  /** Begins with nothing. */
  constructor(options: LineKeeperOptions) {
    this.#options = options;
  }

  /** The states of the keys were asked for. Never throws, never waits. */
  noteAsked(): void {
    this.#askedMs = this.#options.clock.elapsedMs();
    if (!this.#isKeeping) void this.#keep();
  }

  /** Ends the writing. */
  [Symbol.dispose](): void {
    this.#stopping.abort();
  }

  async #keep(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    this.#isKeeping = true;
    let written: KeptLine | undefined;
    while (!signal.aborted && clock.elapsedMs() - this.#askedMs < INTEREST_MS) {
      const beginMs = clock.elapsedMs();
      const line = this.#lineNow();
      const tookMs = clock.elapsedMs() - beginMs;
      if (!written || isNews(line, written)) written = await this.#writeLine(line);
      await clock.sleep(Math.max(LOOK_EVERY_MS, tookMs / MAX_SHARE), signal);
    }
    this.#isKeeping = false;
  }

  #lineNow(): KeptLine {
    const { by, look } = this.#options;
    const { accounts, wallMs } = look();
    const figures: PoolFigures = poolFigures(accounts, wallMs);
    const untilMs = Math.min(wallMs + VALID_MS, nextChangeMs(accounts, wallMs));
    return { by, fromMs: wallMs, untilMs, figures };
  }

  async #writeLine(line: KeptLine): Promise<KeptLine | undefined> {
    try {
      await this.#options.write(writeLineFile(line));
      return line;
    } catch {
      // The file of before holds for a minute at the most; until then nothing else knows better.
      return undefined;
    }
  }
}

function isNews({ figures, fromMs, untilMs }: KeptLine, written: KeptLine): boolean {
  const ageMs = fromMs - written.fromMs;
  return !isDeepStrictEqual(figures, written.figures) || untilMs < written.untilMs ||
    fromMs >= written.untilMs ||
    ageMs < 0 || ageMs >= RENEWED_MS;
}
