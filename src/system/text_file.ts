/**
 * Reads a text file. Apart from what else can be done with files, because a shell prompt needs no more.
 * @module
 */

import { named } from "./file_error.ts";
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
