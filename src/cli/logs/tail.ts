/**
 * The lines of a log file, and those that come. Logs are rotated by renaming, so the open file is read to its end
 * before the new one of that name is opened: no line is lost or shown twice.
 * @module
 */

import type { Clock } from "../../system/clock.ts";
import type { GrowingFile } from "../../system/growing_file.ts";

export interface FollowOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Ends the following; without it, it goes on for ever. */
  readonly signal?: AbortSignal;
}

/** The lines that are there, in one portion; the last one also when it is unfinished. */
export async function* linesOf(file: GrowingFile | undefined): AsyncGenerator<readonly string[]> {
  if (!file) return yield [];
  const lines = new LineSplitter(file.startsWithinLine);
  yield [...lines.push(await file.readMore()), ...lines.end()];
  file.close();
}

/**
 * First the complete lines of `first`, then in portions those that come. `reopen` opens, from its beginning, the file
 * that has the name by then, or gives `undefined` as long as none has.
 */
export async function* followLines(
  first: GrowingFile | undefined,
  reopen: () => Promise<GrowingFile | undefined>,
  { clock, intervalMs, signal }: FollowOptions,
): AsyncGenerator<readonly string[]> {
  let file = first;
  let lines = new LineSplitter(file?.startsWithinLine ?? false);
  for (;;) {
    // Asked before reading: what was written until the file was replaced is then read as well.
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

/** Makes lines out of bytes that come in any pieces. */
class LineSplitter {
  readonly #decoder = new TextDecoder();
  #unfinished = "";
  #skipsFirst: boolean;

  constructor(startsWithinLine: boolean) {
    this.#skipsFirst = startsWithinLine;
  }

  /** The lines that these bytes complete. */
  push(bytes: Uint8Array): readonly string[] {
    const lines = (this.#unfinished + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#unfinished = lines.pop() ?? "";
    if (!this.#skipsFirst || lines.length === 0) return lines;
    this.#skipsFirst = false;
    return lines.slice(1);
  }

  /** What is left without a line end. */
  end(): readonly string[] {
    const rest = this.#unfinished + this.#decoder.decode();
    this.#unfinished = "";
    return rest === "" || this.#skipsFirst ? [] : [rest];
  }
}
