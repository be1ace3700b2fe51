/**
 * Files that a service stops writing when the auth dir has become another one's: what it keeps for the next start would
 * replace what the other keeps.
 * @module
 */

import type { Files } from "../system/files.ts";

/** `disown()` has every later write of a whole file do nothing; the logs, which all share, are written on. */
export function disownableFiles(files: Files): { readonly files: Files; disown(): void } {
  let isOwner = true;
  const writeAtomic: Files["writeAtomic"] = async (path, text) => {
    if (isOwner) await files.writeAtomic(path, text);
  };
  return { files: { ...files, writeAtomic }, disown: () => void (isOwner = false) };
}
