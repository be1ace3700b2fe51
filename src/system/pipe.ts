/**
 * Pipes that stand where a file should be. Opening one waits until its other side is opened, perhaps for ever.
 * @module
 */

import { FileError } from "./file_error.ts";

// Here a shell gives a program the other side, as in `cdx2 auth import <(pass show codex)`.
const GIVEN = /^\/(dev|proc\/self)\/fd\//;

/** @throws {@link FileError} when a pipe or a socket is at `path` */
export async function refusePipe(path: string): Promise<void> {
  if (GIVEN.test(path)) return;
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isFifo) throw new FileError("other", `${path}: it is a pipe, not a file`);
  if (info?.isSocket) throw new FileError("other", `${path}: it is a socket, not a file`);
}
