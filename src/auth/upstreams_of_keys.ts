/**
 * The upstreams that single keys have for themselves. Apart from folder.ts, which changes the folder: a start of the proxy
 * waits for this.
 * @module
 */

import { inBatches } from "../values/batches.ts";
import { isObject, parseJson } from "../values/json.ts";
import { FileError, type Files } from "../system/files.ts";
import { keptEntry } from "./kept_tokens.ts";
import { wayOf } from "./own_upstream.ts";
import { MAX_AUTH_FILE_BYTES } from "./record.ts";
import { type AuthListing, loadAuthDir } from "./store.ts";

/** A listing, of no keys when there is no such folder. */
export async function orNone(list: () => Promise<AuthListing>): Promise<AuthListing> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof FileError && error.code === "not_found") return { records: [], rejected: [] };
    throw error;
  }
}

// Each is an address that the worker may connect to, so that a folder cannot ask for any number of them.
const MAX_OWN_UPSTREAMS = 32;

/**
 * The upstreams that keys of an auth dir have for themselves, as base URLs, at most 32. Those of keys in a keyring that
 * is locked are among them: it is opened later, when the proxy's permissions can no longer change.
 * @throws {FileError} when the folder cannot be read
 */
export async function upstreamsOfKeys(
  files: Files,
  authDir: string,
  list = () => loadAuthDir(files, authDir),
): Promise<readonly string[]> {
  const { records, rejected } = await orNone(list);
  const locked = await inBatches(rejected, ({ file }) => upstreamOfKept(files, `${authDir}/${file}`));
  const upstreams = [...records.map(({ upstream }) => upstream), ...locked].filter((url) =>
    url !== undefined
  );
  return [...new Set(upstreams)].slice(0, MAX_OWN_UPSTREAMS);
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
