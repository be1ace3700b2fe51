/**
 * A file that outlives the proxy: read once when it starts, written after requests while it runs, so that a proxy that
 * was killed has lost at most its last moments. One write runs at a time; changes in the meantime go into the next one.
 * Requests never wait for it.
 * @module
 */

import { SET_ASIDE } from "../config/paths.ts";
import type { Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import { FileError, type Files } from "../system/files.ts";

/** Where such a file is, and where its troubles are reported. */
export interface KeptFilePlace {
  /** Reads and writes it. */
  readonly files: Files;
  /** Dates the reports, and times the writes. */
  readonly clock: Clock;
  /** The file. */
  readonly path: string;
  /** Reports a file that cannot be used or written. */
  readonly publish: Publish;
}

/** What was found in the file. */
export type KeptReading<Value> =
  | { readonly kind: "read"; readonly value: Value }
  /** `reason` continues the sentence "the state file cannot be used: ". */
  | { readonly kind: "unusable"; readonly reason: string };

/** How a file is read. */
export interface KeptFileReader<Value> {
  /** What users call it, such as `state file`. */
  readonly name: string;
  /** What the proxy does without it, such as `all keys start without penalties`. */
  readonly without: string;
  /** Reads its text; never throws. */
  readonly read: (text: string) => KeptReading<Value>;
}

// The proxy writes less than a fourth of this.
const MAX_BYTES = 4 * 2 ** 20;

/** What an earlier run kept; `undefined` when there is nothing. A file that cannot be used is renamed, and an event says so. */
export async function readKeptFile<Value>(
  place: KeptFilePlace,
  reader: KeptFileReader<Value>,
): Promise<Value | undefined> {
  const { files, clock, path, publish } = place;
  const reading = await readingOf(place, reader);
  if (reading?.kind !== "unusable") return reading?.value;
  const asideFile = path + SET_ASIDE;
  const isAside = await files.rename(path, asideFile).then(() => true, () => false);
  const message = `the ${reader.name} cannot be used: ${reading.reason}; ` +
    `it ${isAside ? "was" : "could not be"} set aside and ${reader.without}`;
  const fields = isAside ? { file: asideFile } : {};
  publish({ atMs: clock.nowMs(), level: "warning", event: "state.set_aside", message, fields });
  return undefined;
}

async function readingOf<Value>(
  { files, path }: KeptFilePlace,
  { read }: KeptFileReader<Value>,
): Promise<KeptReading<Value> | undefined> {
  try {
    const info = await files.info(path);
    if (info === undefined) return undefined;
    if (info.sizeBytes > MAX_BYTES) {
      return { kind: "unusable", reason: `it is larger than ${MAX_BYTES / 2 ** 20} MiB` };
    }
    return read(await files.readText(path));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return error.code === "not_found" ? undefined : { kind: "unusable", reason: error.message };
  }
}

/** How a file is written. */
export interface KeptFileWriter {
  /** The text of the file as it should be now. */
  readonly text: () => string;
  /** What is lost when it cannot be written, such as `penalties`. */
  readonly content: string;
  /** The time from a change to the write, in which further changes join it; 0 writes at once. */
  readonly delayMs: number;
}

/** Keeps the file up to date. */
export class KeptFile {
  readonly #place: KeptFilePlace;
  readonly #writer: KeptFileWriter;
  #isStale = false;
  #writing: Promise<void> | undefined;
  #flush = new AbortController();
  #isFailing = false;

  /** Writes nothing yet. */
  constructor(place: KeptFilePlace, writer: KeptFileWriter) {
    this.#place = place;
    this.#writer = writer;
  }

  /** Writes the file soon. Never throws, never waits. */
  save(): void {
    this.#isStale = true;
    this.#writing ??= this.#writeUntilFresh();
  }

  /** Resolves when the present text is in the file, or could not be written. */
  async flush(): Promise<void> {
    this.save();
    this.#flush.abort();
    await this.#writing;
    this.#flush = new AbortController();
  }

  async #writeUntilFresh(): Promise<void> {
    const { clock } = this.#place;
    const { delayMs } = this.#writer;
    while (this.#isStale) {
      if (delayMs > 0) await clock.sleep(delayMs, this.#flush.signal);
      this.#isStale = false;
      await this.#write();
    }
    this.#writing = undefined;
  }

  async #write(): Promise<void> {
    const { files, path } = this.#place;
    try {
      await files.writeAtomic(path, this.#writer.text());
      this.#isFailing = false;
    } catch (error) {
      this.#report(error instanceof Error ? error.message : String(error));
    }
  }

  // A full disk is reported once, not at every change.
  #report(reason: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const message = `${this.#writer.content} cannot be saved and would be lost by a restart: ${reason}`;
    const { clock, publish } = this.#place;
    publish({ atMs: clock.nowMs(), level: "error", event: "state.not_saved", message, fields: {} });
  }
}

/** Saves the file after each change of what it holds, for ever. */
export async function saveAfterEachChange(
  file: Pick<KeptFile, "save">,
  kept: { readonly nextChange: () => Promise<void> },
): Promise<never> {
  for (;;) {
    await kept.nextChange();
    file.save();
  }
}
