/**
 * Reads one auth file: a key, or the reason why it gives none.
 * @module
 */

import { sep } from "node:path";
import { FileError, type FileInfo, type Files } from "../system/files.ts";
import {
  type AuthRecord,
  isAuthFileName,
  MAX_AUTH_FILE_BYTES,
  parseAuthFile,
  type ParsedAuth,
  rejectedFile,
} from "./record.ts";

/** A usable key with the file that it was read from. */
export interface KeyFile {
  /** The key. */
  readonly record: AuthRecord;
  /** Where the file really is. */
  readonly path: string;
  /** All of it. */
  readonly text: string;
  /** How many names it has. */
  readonly links: number;
}

/** What an auth file gave. */
export interface LoadedFile {
  /** The key, or why there is none. */
  readonly parsed: ParsedAuth;
  /** `undefined` when it gives no key. */
  readonly keyFile: KeyFile | undefined;
}

/** Which file is loaded. */
export interface FilePlace {
  /** The folder, as an absolute path. */
  readonly authDir: string;
  /** The same with all links resolved. */
  readonly realFolder: string;
  /** Its name in the folder. */
  readonly name: string;
  /** What was just found there; absent: it has not been looked at. */
  readonly found?: FileInfo | undefined;
}

/** Reads an auth file. One that cannot be read is rejected with the reason. */
export async function loadAuthFile(files: Files, place: FilePlace): Promise<LoadedFile> {
  const path = `${place.authDir}/${place.name}`;
  const rejected = (reason: string): LoadedFile => ({
    parsed: rejectedFile(place.name, reason),
    keyFile: undefined,
  });
  if (!isAuthFileName(place.name)) return rejected("its name must end in .json");
  try {
    const info = place.found ?? await files.info(path);
    // Checked first, because the sandbox of the proxy follows a link out of the folder.
    const isPlain = info?.isLink === false;
    const realPath = isPlain ? place.realFolder + sep + place.name : await files.realPath(path);
    if (!realPath.startsWith(place.realFolder + sep)) {
      return rejected("a link that leads out of the auth dir");
    }
    if (info?.kind === "folder") return rejected("a folder, not a file");
    if (info?.kind !== "file") return rejected("not a regular file");
    if (info.sizeBytes > MAX_AUTH_FILE_BYTES) return rejected("larger than 1 MiB");
    const text = await files.readText(path, info);
    const parsed = parseAuthFile(place.name, text);
    if (parsed.kind !== "key") return { parsed, keyFile: undefined };
    return { parsed, keyFile: { record: parsed.record, path: realPath, text, links: info.links } };
  } catch (error) {
    if (error instanceof FileError) return rejected(reasonOf(error, path));
    throw error;
  }
}

function reasonOf(error: FileError, path: string): string {
  if (error.code === "denied") return "cannot be read: permission denied";
  // U+FFFD has replaced bytes that are not UTF-8, and the system does not know the file by that.
  if (error.code === "not_found" && path.includes("\ufffd")) return "its name is not UTF-8; rename it";
  if (error.code === "not_found") return "a link that leads nowhere, or a file that just went";
  return `cannot be read: ${error.message.replace(`${path}: `, "")}`;
}
