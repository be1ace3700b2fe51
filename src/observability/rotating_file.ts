/**
 * A log file whose writers never wait and never fail: lines are queued in bounded memory and written together, and
 * those that the disk does not take are dropped and counted. The file is looked at and opened for each write, so that one
 * that was moved or removed, or a disk that was full, needs no special care.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { type AppendFile, FileError, type Files, isMissing } from "../system/files.ts";
import { LineQueue } from "./line_queue.ts";

/** Where a log is written, and how large it gets. */
export interface RotatingFileOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly path: string;
  /** Before the file would grow beyond this size, it is moved to `path.1`, and that one to `path.2`. */
  readonly maxBytes: number;
}

/** Called when writing works again, with the number of lines dropped since it last worked and the last reason. */
export type OnRecovered = (droppedLines: number, reason: string) => void;

// Two old files are kept beside the current one.
const OLD_FILES = 2;

// How much may wait for a slow disk.
const MAX_QUEUED_BYTES = 2 ** 20;

// A single line is written soon: first the answer that it is about goes out, for which writing it takes long. Of several
// that come close together, those of this time are written at once, and under load those of a longer time: a write costs
// as much as a request.
const SOON_MS = 5;
const PAUSE_MS = 20;
const PAUSE_UNDER_LOAD_MS = 200;
const LOAD_LINES = 10;
// More than that does not wait for the end of the pause.
const MAX_WAITING_BYTES = MAX_QUEUED_BYTES / 4;

const NEWLINE = "\n".charCodeAt(0);

/** A log file that is rotated by size. Created 0600. */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #onRecovered: OnRecovered;
  #queue = new LineQueue();
  /** Those that are being written; empty in between. */
  #leaving = new LineQueue();
  #droppedLines = 0;
  #reportedLines = 0;
  #dropReason = "";
  // After a crash or a full disk the file may end within a line. Assume so until it has been checked.
  #mayEndWithinLine = true;
  #writing: Promise<void> | undefined;
  /** Somebody waits for the end: no more pauses. */
  #isHurried = false;
  /** Ends the present pause before a write. */
  #pause = new AbortController();

  constructor(options: RotatingFileOptions, onRecovered: OnRecovered = () => {}) {
    this.#options = options;
    this.#onRecovered = onRecovered;
  }

  /** The number of lines dropped since the start. A write that failed midway counts with all its lines. */
  get dropped(): number {
    return this.#droppedLines;
  }

  /** Queues one line, given without its end. Never throws, never waits. */
  write(line: string): void {
    if (this.#queue.sizeBytes + line.length >= MAX_QUEUED_BYTES) {
      return this.#drop(1, "the disk was slower than the log");
    }
    this.#queue.add(line);
    if (this.#queue.sizeBytes > MAX_WAITING_BYTES) this.#pause.abort();
    this.#writing ??= this.#drain();
  }

  /** Resolves when every line written before is in the file or dropped. */
  async flush(): Promise<void> {
    this.#isHurried = true;
    this.#pause.abort();
    await this.#writing;
  }

  async #drain(): Promise<void> {
    this.#isHurried = false;
    this.#pause = new AbortController();
    await this.#options.clock.sleep(SOON_MS, this.#pause.signal);
    while (this.#queue.count > 0) {
      const pauseMs = this.#queue.count < LOAD_LINES ? PAUSE_MS : PAUSE_UNDER_LOAD_MS;
      this.#pause = new AbortController();
      await this.#writeQueue();
      if (!this.#isHurried) await this.#options.clock.sleep(pauseMs, this.#pause.signal);
    }
    this.#writing = undefined;
  }

  async #writeQueue(): Promise<void> {
    const lines = this.#queue;
    this.#queue = this.#leaving;
    this.#leaving = lines;
    let written = 0;
    try {
      while (written < lines.count) written += await this.#writeSome(lines, written);
      lines.clear();
      this.#reportDropped();
    } catch (error) {
      // A write that took too long may still go on, so the memory of its lines stays as it is.
      this.#leaving = new LineQueue();
      if (this.#canWait(error)) return this.#putBack(lines, written);
      this.#drop(lines.count - written, error instanceof Error ? error.message : String(error));
      this.#mayEndWithinLine = true;
    }
  }

  /** Descriptors become free within moments; a disk that is full stays full. At the end there is no time to wait. */
  #canWait(error: unknown): boolean {
    return error instanceof FileError && error.code === "no_descriptors" && !this.#isHurried;
  }

  /** All but the first `written` lines wait again, before those that came meanwhile. */
  #putBack(lines: LineQueue, written: number): void {
    const later = this.#queue;
    this.#queue = new LineQueue();
    this.#queue.addFrom(lines, written);
    this.#queue.addFrom(later, 0);
  }

  /** Writes as many lines from `first` on as fit into the current file and returns their number; 0 when the file was full. */
  async #writeSome(lines: LineQueue, first: number): Promise<number> {
    return await this.#append(lines, first) || await this.#openAndWrite(lines, first);
  }

  /** The same, for a file that is known to end with a line and has room; 0 when nothing was written. */
  async #append(lines: LineQueue, first: number): Promise<number> {
    if (this.#mayEndWithinLine) return 0;
    const { files, path, maxBytes } = this.#options;
    const info = await files.info(path);
    const count = info?.kind === "file" ? lines.countFitting(first, maxBytes - info.sizeBytes) : 0;
    if (count === 0) return 0;
    try {
      await files.append(path, lines.bytes(first, first + count));
      return count;
    } catch (error) {
      // It was removed at this moment.
      if (isMissing(error)) return 0;
      throw error;
    }
  }

  async #openAndWrite(lines: LineQueue, first: number): Promise<number> {
    const { files, path, maxBytes } = this.#options;
    const file = await files.openAppend(path);
    try {
      const fitting = lines.countFitting(first, maxBytes - file.sizeBytes);
      if (fitting === 0 && file.sizeBytes > 0) {
        await this.#rotate();
        return 0;
      }
      if (this.#mayEndWithinLine) await this.#endLine(file);
      // A line that is too long for any file gets a file of its own.
      const count = Math.max(1, fitting);
      await file.write(lines.bytes(first, first + count));
      return count;
    } finally {
      file.close();
    }
  }

  async #endLine(file: AppendFile): Promise<void> {
    const { bytes } = await this.#options.files.readTail(this.#options.path, 1);
    if (bytes.length > 0 && bytes[0] !== NEWLINE) await file.write(new Uint8Array([NEWLINE]));
    this.#mayEndWithinLine = false;
  }

  async #rotate(): Promise<void> {
    const { files, path } = this.#options;
    for (let number = OLD_FILES; number > 0; number--) {
      const from = number === 1 ? path : `${path}.${number - 1}`;
      await files.rename(from, `${path}.${number}`).catch((error) => {
        if (!isMissing(error)) throw error;
      });
    }
  }

  #drop(lines: number, reason: string): void {
    this.#droppedLines += lines;
    this.#dropReason = reason;
  }

  #reportDropped(): void {
    const count = this.#droppedLines - this.#reportedLines;
    this.#reportedLines = this.#droppedLines;
    if (count > 0) this.#onRecovered(count, this.#dropReason);
  }
}
