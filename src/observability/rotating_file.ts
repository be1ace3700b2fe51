/**
 * A log file whose writers never wait and never fail: lines are queued in bounded memory and written together, and
 * those that the disk does not take are dropped and counted. The file is looked at and opened for each write, so that one
 * that was moved or removed, or a disk that was full, needs no special care.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { type AppendFile, FileError, type Files, isMissing } from "../system/files.ts";

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

// How much may wait for a slow disk. Lines wait as texts: bytes take more memory until a few hundred are written at once.
const MAX_QUEUED_CHARS = 2 ** 20;

// A single line is written at once. Of several that come close together, those of this time are written at once, and under
// load those of a longer time: a write costs as much as a request.
const PAUSE_MS = 20;
const PAUSE_UNDER_LOAD_MS = 200;
const LOAD_LINES = 10;
// More than that does not wait for the end of the pause.
const MAX_WAITING_CHARS = MAX_QUEUED_CHARS / 4;
// Of one UTF-16 code unit in UTF-8.
const MAX_BYTES_PER_CHAR = 3;

const NEWLINE = "\n".charCodeAt(0);
const ENCODER = new TextEncoder();

/** A log file that is rotated by size. Created 0600. */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #onRecovered: OnRecovered;
  /** Each with its end. */
  #queue: string[] = [];
  #queuedChars = 0;
  #droppedLines = 0;
  #reportedLines = 0;
  #dropReason = "";
  // After a crash or a full disk the file may end within a line. Assume so until it has been checked.
  #mayEndWithinLine = true;
  #writing: Promise<void> | undefined;
  /** Somebody waits for the end: no more pauses. */
  #isHurried = false;
  /** Ends the present pause between two writes. */
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
    const text = `${line}\n`;
    if (this.#queuedChars + text.length > MAX_QUEUED_CHARS) {
      return this.#drop(1, "the disk was slower than the log");
    }
    this.#queue.push(text);
    this.#queuedChars += text.length;
    if (this.#queuedChars > MAX_WAITING_CHARS) this.#pause.abort();
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
    while (this.#queue.length > 0) {
      const pauseMs = this.#queue.length < LOAD_LINES ? PAUSE_MS : PAUSE_UNDER_LOAD_MS;
      this.#pause = new AbortController();
      await this.#writeQueue();
      if (!this.#isHurried) await this.#options.clock.sleep(pauseMs, this.#pause.signal);
    }
    this.#writing = undefined;
  }

  async #writeQueue(): Promise<void> {
    const lines = this.#queue;
    this.#queue = [];
    this.#queuedChars = 0;
    let written = 0;
    try {
      while (written < lines.length) written += await this.#writeSome(lines.slice(written));
      this.#reportDropped();
    } catch (error) {
      if (this.#canWait(error)) return this.#putBack(lines.slice(written));
      this.#drop(lines.length - written, error instanceof Error ? error.message : String(error));
      this.#mayEndWithinLine = true;
    }
  }

  /** Descriptors become free within moments; a disk that is full stays full. At the end there is no time to wait. */
  #canWait(error: unknown): boolean {
    return error instanceof FileError && error.code === "no_descriptors" && !this.#isHurried;
  }

  #putBack(lines: readonly string[]): void {
    this.#queue = [...lines, ...this.#queue];
    this.#queuedChars = charsIn(this.#queue);
  }

  /** Writes as many lines as fit into the current file and returns their number; 0 when the file was full. */
  async #writeSome(lines: readonly string[]): Promise<number> {
    return await this.#append(lines) || await this.#openAndWrite(lines);
  }

  /** The same, for a file that is known to end with a line and has room; 0 when nothing was written. */
  async #append(lines: readonly string[]): Promise<number> {
    if (this.#mayEndWithinLine) return 0;
    const { files, path, maxBytes } = this.#options;
    const info = await files.info(path);
    const count = info?.kind === "file" ? countFitting(lines, maxBytes - info.sizeBytes) : 0;
    if (count === 0) return 0;
    try {
      await files.append(path, ENCODER.encode(lines.slice(0, count).join("")));
      return count;
    } catch (error) {
      // It was removed at this moment.
      if (isMissing(error)) return 0;
      throw error;
    }
  }

  async #openAndWrite(lines: readonly string[]): Promise<number> {
    const { files, path, maxBytes } = this.#options;
    const file = await files.openAppend(path);
    try {
      const count = countFitting(lines, maxBytes - file.sizeBytes);
      if (count === 0 && file.sizeBytes > 0) {
        await this.#rotate();
        return 0;
      }
      if (this.#mayEndWithinLine) await this.#endLine(file);
      // A line that is too long for any file gets a file of its own.
      const fitting = lines.slice(0, Math.max(1, count));
      await file.write(ENCODER.encode(fitting.join("")));
      return fitting.length;
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

function countFitting(lines: readonly string[], roomBytes: number): number {
  if (MAX_BYTES_PER_CHAR * charsIn(lines) <= roomBytes) return lines.length;
  let leftBytes = roomBytes;
  for (const [index, line] of lines.entries()) {
    leftBytes -= ENCODER.encode(line).length;
    if (leftBytes < 0) return index;
  }
  return lines.length;
}

function charsIn(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}
