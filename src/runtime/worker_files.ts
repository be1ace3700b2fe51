/**
 * Files as the worker may write them: the few that `writtenByWorker` of config/paths.ts names, each through a temporary
 * file that is named there, too. It stops writing what is kept for the next start when the auth dir has become another
 * service's.
 * @module
 */

import { WORKER_TEMPORARY } from "../config/paths.ts";
import { type Files, replaceFile, systemFiles } from "../system/files.ts";

/** The files, and `disown()`, after which writes of whole files do nothing. The logs, which all share, are written on. */
export function workerFiles(): { readonly files: Files; disown(): void } {
  let isOwner = true;
  const writeAtomic: Files["writeAtomic"] = async (path, text) => {
    if (isOwner) await replaceFile(path, text, `${path}${WORKER_TEMPORARY}`);
  };
  return { files: { ...systemFiles, writeAtomic }, disown: () => void (isOwner = false) };
}
