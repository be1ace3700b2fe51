/**
 * The upstreams that single keys have for themselves. Apart from folder.ts, which changes the folder: a start of the proxy
 * waits for this.
 * @module
 */

import { inBatches } from "../values/batches.ts";
import { isObject, parseJson } from "../values/json.ts";
import { FileError, type Files, isMissing } from "../system/files.ts";
import { loadAuthFile } from "./auth_file_load.ts";
import { authFileNames } from "./folder_looks.ts";
import { keptEntry } from "./kept_tokens.ts";
import { wayOf } from "./own_upstream.ts";
import { MAX_AUTH_FILE_BYTES } from "./record.ts";

// Each is an address that the worker may connect to, so that a folder cannot ask for any number of them.
const MAX_OWN_UPSTREAMS = 32;

/**
 * The upstreams that keys of an auth dir have for themselves, as base URLs, at most 32. Those of keys in a keyring that
 * is locked are among them: it is opened later, when the proxy's permissions can no longer change.
 * @throws {FileError} when the folder cannot be read
 */
export async function upstreamsOfKeys(files: Files, authDir: string): Promise<readonly string[]> {
  const names = await authFileNames(files, authDir).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
  if (names.length === 0) return [];
  const realFolder = await files.realPath(authDir);
  const upstreams = await inBatches(names, async (name) => {
    const path = `${authDir}/${name}`;
    if (!(await mayNameUpstream(files, path))) return undefined;
    const { parsed } = await loadAuthFile(files, { authDir, realFolder, name });
    return parsed.kind === "key" ? parsed.record.upstream : await upstreamOfKept(files, path);
  });
  return [...new Set(upstreams.filter((url) => url !== undefined))].slice(0, MAX_OWN_UPSTREAMS);
}

// A name in JSON may be written with escapes.
const MENTION = /upstream|\\u/;

/** Most files name none, and while thousands of them are read nothing listens: so they are not understood, only searched. */
async function mayNameUpstream(files: Files, path: string): Promise<boolean> {
  try {
    const info = await files.info(path);
    if (info?.kind !== "file" || info.sizeBytes > MAX_AUTH_FILE_BYTES) return false;
    return MENTION.test(await files.readText(path, info));
  } catch (error) {
    if (error instanceof FileError) return true;
    throw error;
  }
}

/** Of an auth file that names an entry of the keyring, which is not asked: only reading a whole file asks it. */
async function upstreamOfKept(files: Files, path: string): Promise<string | undefined> {
  try {
    if ((await files.info(path))?.kind !== "file") return undefined;
    const { bytes } = await files.readTail(path, MAX_AUTH_FILE_BYTES);
    const text = new TextDecoder().decode(bytes);
    const json = parseJson(text);
    const way = isObject(json) && keptEntry(text) ? wayOf(json) : undefined;
    return typeof way === "object" ? way.upstream : undefined;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
