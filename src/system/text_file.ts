/**
 * Reads a text file. Apart from what else can be done with files, because a shell prompt needs no more.
 * @module
 */

import { FileError, named } from "./file_error.ts";
import { refusePipe } from "./pipe.ts";

/**
 * The text of a file. `known`: what was just found at the path, so that a file is not looked at once more before it is
 * opened. @throws {FileError}
 */
export function readText(
  path: string,
  known?: { readonly kind: "file" | "folder" | "other" },
): Promise<string> {
  return named(path, async () => {
    if (known?.kind !== "file") await refusePipe(path);
    return await Deno.readTextFile(path);
  });
}

/**
 * The text of a file at once, for a process that has nothing else to do meanwhile. `undefined` when there is no such file.
 * @throws what the system says of anything else
 */
export function readTextNow(path: string): string | undefined {
  try {
    if (Deno.statSync(path).isFile) return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  throw new FileError("other", `${path}: it is not a file`);
}
