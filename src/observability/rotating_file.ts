/**
 * A log file that nobody waits for and that cannot fail its writers: lines wait in bounded memory, one writer puts
 * down all that have gathered, and what the disk does not take is dropped and counted. The file is opened anew for
 * each write, so that one that somebody moved or removed, or a disk that was full, needs no special care.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { type AppendFile, FileError, type Files } from "../system/files.ts";

export interface RotatingFileOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly path: string;
  /** The file is moved to `path.1` (and that one to `path.2`) before it would grow beyond this. */
  readonly maxBytes: number;
}

/** Hears, when writing works again, how many lines were dropped since it last did, and the last reason. */
export type OnRecovered = (droppedLines: number, reason: string) => void;

// Two old files are kept beside the current one.
const OLD_FILES = 2;

// What may wait for a slow disk.
const MAX_QUEUED_BYTES = 2 ** 20;

// A lone line is written at once; under load a write joins what came in during this time.
const PAUSE_MS = 20;

const NEWLINE = "\n".charCodeAt(0);

export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #onRecovered: OnRecovered;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #droppedLines = 0;
  #reportedLines = 0;
  #dropReason = "";
  // After a crash or a full disk the file may end within a line; until that is looked at, assume it does.
  #mayEndWithinLine = true;
  #writing: Promise<void> | undefined;
  #hurry = new AbortController();

  constructor(options: RotatingFileOptions, onRecovered: OnRecovered = () => {}) {
    this.#options = options;
    this.#onRecovered = onRecovered;
  }

  /** Lines dropped since the start; of a write that broke off midway, all. */
  get dropped(): number {
    return this.#droppedLines;
  }

  /** Takes one line without its line end. Never throws, never waits. */
  write(line: string): void {
    const bytes = new TextEncoder().encode(`${line}\n`);
    if (this.#queuedBytes + bytes.length > MAX_QUEUED_BYTES) {
      return this.#drop(1, "the disk was slower than the log");
    }
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#writing ??= this.#drain();
  }

  /** Resolves when every line written before is in the file or dropped. */
  async flush(): Promise<void> {
    this.#hurry.abort();
    await this.#writing;
  }

  async #drain(): Promise<void> {
    this.#hurry = new AbortController();
    while (this.#queue.length > 0) {
      await this.#writeQueue();
      await this.#options.clock.sleep(PAUSE_MS, this.#hurry.signal);
    }
    this.#writing = undefined;
  }

  async #writeQueue(): Promise<void> {
    const lines = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    let written = 0;
    try {
      while (written < lines.length) written += await this.#writeSome(lines.slice(written));
      this.#reportDropped();
    } catch (error) {
      this.#drop(lines.length - written, error instanceof Error ? error.message : String(error));
      this.#mayEndWithinLine = true;
    }
  }

  /** Writes as many of the lines as fit into the current file and returns how many; none: the file was full. */
  async #writeSome(lines: readonly Uint8Array[]): Promise<number> {
    const { files, path, maxBytes } = this.#options;
    const file = await files.openAppend(path);
    try {
      const count = countFitting(lines, maxBytes - file.sizeBytes);
      if (count === 0 && file.sizeBytes > 0) {
        await this.#rotate();
        return 0;
      }
      if (this.#mayEndWithinLine) await this.#endLine(file);
      // A line too long for any file still gets one, of its own.
      const fitting = lines.slice(0, Math.max(1, count));
      await file.write(joined(fitting));
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
        if (!(error instanceof FileError && error.code === "not_found")) throw error;
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

function countFitting(lines: readonly Uint8Array[], roomBytes: number): number {
  let leftBytes = roomBytes;
  for (const [index, line] of lines.entries()) {
    leftBytes -= line.length;
    if (leftBytes < 0) return index;
  }
  return lines.length;
}

function joined(lines: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(lines.reduce((sum, line) => sum + line.length, 0));
  let at = 0;
  for (const line of lines) {
    whole.set(line, at);
    at += line.length;
  }
  return whole;
}
