/**
 * A file that another process appends to, and sometimes replaces with a new one of the same name.
 * @module
 */

import { named } from "./file_error.ts";
import { refusePipe } from "./pipe.ts";

/** An open file that is read as it grows. */
export interface GrowingFile {
  /** Reading starts in the middle of a line, so the first line lacks its beginning. */
  readonly startsWithinLine: boolean;
  /** The bytes that have been added since the last call. */
  readMore(): Promise<Uint8Array>;
  /** True when another file has the name now, or this one has been truncated. */
  wasReplaced(): Promise<boolean>;
  close(): void;
}

/** Opens a file to read its last `lastBytes` and what is added later; `undefined` when there is no such file. */
export type OpenGrowing = (path: string, lastBytes: number) => Promise<GrowingFile | undefined>;

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = "\n".charCodeAt(0);

/** The real one. @throws {@link FileError} */
export const openGrowing: OpenGrowing = (path, lastBytes) =>
  named(path, async () => {
    await refusePipe(path);
    const file = await ifThere(() => Deno.open(path, { read: true }));
    if (!file) return undefined;
    const { size, ino, dev } = await file.stat();
    let position = Math.max(0, size - lastBytes);
    return {
      startsWithinLine: !(await isLineStart(file, position)),
      readMore: () =>
        named(path, async () => {
          const bytes = await readToEnd(file);
          position += bytes.length;
          return bytes;
        }),
      wasReplaced: () =>
        named(path, async () => {
          const now = await ifThere(() => Deno.stat(path));
          return now !== undefined && (now.ino !== ino || now.dev !== dev || now.size < position);
        }),
      close: () => file.close(),
    };
  });

/** Leaves the file at `position`. */
async function isLineStart(file: Deno.FsFile, position: number): Promise<boolean> {
  if (position === 0) return true;
  await file.seek(position - 1, Deno.SeekMode.Start);
  const before = new Uint8Array(1);
  await file.read(before);
  return before[0] === NEWLINE;
}

async function ifThere<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function readToEnd(file: Deno.FsFile): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const piece = new Uint8Array(CHUNK_BYTES);
    const count = await file.read(piece);
    if (count === null) return await new Blob(pieces).bytes();
    pieces.push(piece.subarray(0, count));
  }
}
