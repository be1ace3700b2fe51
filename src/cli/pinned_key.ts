/**
 * `--key` of the commands that run a client: the one key that the client gets.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { findKey, listKeys } from "../auth/folder.ts";
import type { Files } from "../system/files.ts";
import { UserError } from "../values/user_error.ts";

/** The option. */
export function keyOption() {
  return new Option("--key <key-name>", "Use this key and no other; when it cannot serve, requests fail.");
}

/**
 * The file of the key that `name` means, which has to be one that requests may get; `undefined` without a name.
 * @throws {@link UserError} when it means no such key
 */
export async function pinnedFile(
  files: Files,
  authDir: string,
  name: string | undefined,
): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const { file } = await findKey(files, authDir, name, "Cannot use the key");
  const { records, rejected } = await listKeys(files, authDir);
  const reason = rejected.find((other) => other.file === file)?.reason;
  if (reason !== undefined) throw new UserError(`Cannot use the key ${file}: ${reason}`);
  if (records.some((record) => record.file === file && record.isDisabled)) {
    throw new UserError(`Cannot use the key ${file}: it is disabled`, {
      hint: `enable it with "cdx2 auth enable ${file}"`,
    });
  }
  return file;
}
