/**
 * The lines of a log file, and new ones as they are written. Rotation renames the file, so the open file is read to its end
 * before the new file is opened: no line is lost or shown twice.
 * @module
 */

import type { Clock } from "../../system/clock.ts";
import type { GrowingFile } from "../../system/growing_file.ts";

/** How a file is followed. */
export interface FollowOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Stops following; without it, following never ends. */
  readonly signal?: AbortSignal;
}

/** The present lines in one batch, with the last line even when it is not complete. */
export async function* linesOf(file: GrowingFile | undefined): AsyncGenerator<readonly string[]> {
  if (!file) return yield [];
  const lines = new LineSplitter(file.startsWithinLine);
  yield [...lines.push(await file.readMore()), ...lines.end()];
  file.close();
}

/**
 * First the complete lines of `first`, then new lines in batches. `reopen` opens the file that has the name by then, from
 * its beginning; `undefined` while there is none.
 */
export async function* followLines(
  first: GrowingFile | undefined,
  reopen: () => Promise<GrowingFile | undefined>,
  { clock, intervalMs, signal }: FollowOptions,
): AsyncGenerator<readonly string[]> {
  let file = first;
  let lines = new LineSplitter(file?.startsWithinLine ?? false);
  for (;;) {
    // Asked before reading, so that everything written before the replacement is read.
    const wasReplaced = await file?.wasReplaced() ?? true;
    yield file ? lines.push(await file.readMore()) : [];
    if (wasReplaced) {
      file?.close();
      yield lines.end();
      file = await reopen();
      lines = new LineSplitter(false);
    }
    await clock.sleep(intervalMs, signal);
    if (signal?.aborted) return file?.close();
  }
}

/** Splits bytes that arrive in any pieces into lines. */
class LineSplitter {
  readonly #decoder = new TextDecoder();
  #unfinished = "";
  #skipsFirst: boolean;

  constructor(startsWithinLine: boolean) {
    this.#skipsFirst = startsWithinLine;
  }

  /** Returns the lines that these bytes complete. */
  push(bytes: Uint8Array): readonly string[] {
    const lines = (this.#unfinished + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#unfinished = lines.pop() ?? "";
    if (!this.#skipsFirst || lines.length === 0) return lines;
    this.#skipsFirst = false;
    return lines.slice(1);
  }

  /** Returns the rest that has no line end. */
  end(): readonly string[] {
    const rest = this.#unfinished + this.#decoder.decode();
    this.#unfinished = "";
    return rest === "" || this.#skipsFirst ? [] : [rest];
  }
}
