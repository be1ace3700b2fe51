/**
 * `--key` of the commands that run a client: the one key that the client gets.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { keyIn } from "../auth/folder.ts";
import type { AuthListing } from "../auth/store.ts";
import { UserError } from "../values/user_error.ts";

/** The option. */
export function keyOption() {
  return new Option("--key <key-name>", "Use this key and no other; when it cannot serve, requests fail.");
}

/**
 * The file of the key that `name` means, which has to be one that requests may get.
 * @throws {@link UserError} when it means no such key
 */
export function pinnedFile(listing: AuthListing, name: string): string {
  const { file } = keyIn(listing, name, "Cannot use the key");
  const reason = listing.rejected.find((other) => other.file === file)?.reason;
  if (reason !== undefined) throw new UserError(`Cannot use the key ${file}: ${reason}`);
  if (listing.records.some((record) => record.file === file && record.isDisabled)) {
    throw new UserError(`Cannot use the key ${file}: it is disabled`, {
      hint: `enable it with "cdx2 auth enable ${file}"`,
    });
  }
  return file;
}
