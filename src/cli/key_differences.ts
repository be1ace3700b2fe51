/**
 * How the keys that the running proxy holds differ from the auth files on the disk.
 * @module
 */

import type { AuthFile } from "../api/auth_files.ts";
import { keyringReason } from "../keyring/kept_files.ts";
import { firstFew } from "../values/first_few.ts";

const MAX_NAMES = 5;

/** One line for each file about which the proxy and the disk disagree; empty when they agree. */
export function keyDifferences(held: readonly AuthFile[], onDisk: readonly AuthFile[]): readonly string[] {
  const heldByName = new Map(held.map((entry) => [entry.file, entry]));
  const names = new Set(onDisk.map(({ file }) => file));
  return [
    ...onDisk.flatMap((entry) => difference(heldByName.get(entry.file), entry) ?? []),
    ...held.filter(({ file }) => !names.has(file)).map(({ file }) => `${file} is no longer on the disk`),
  ];
}

/**
 * About keys whose tokens the keyring does not give now, while the proxy serves with those that it has; `undefined` when
 * there are none. They are no difference: a restart would only lose the tokens.
 */
export function servesOn(held: readonly AuthFile[], onDisk: readonly AuthFile[]): string | undefined {
  const usable = new Set(held.filter((entry) => entry.usable).map(({ file }) => file));
  const kept = onDisk.filter((entry) => usable.has(entry.file) && withheld(entry) !== undefined);
  const [first] = kept;
  if (first === undefined) return undefined;
  const names = firstFew(kept, MAX_NAMES, ({ file }) => file);
  return `the proxy goes on with the tokens that it has of ${names}: ${withheld(first)}`;
}

function withheld({ usable, reason }: AuthFile): string | undefined {
  return usable ? undefined : keyringReason(reason ?? "");
}

function difference(held: AuthFile | undefined, onDisk: AuthFile): string | undefined {
  const { file } = onDisk;
  if (held === undefined) return onDisk.usable ? `${file} is new on the disk` : undefined;
  if (held.usable !== onDisk.usable) {
    if (held.usable && withheld(onDisk) !== undefined) return undefined;
    return onDisk.usable ? `${file} can be used now` : `${file} can no longer be used: ${onDisk.reason}`;
  }
  // An older proxy does not report fingerprints.
  const isSame = held.fingerprint === null || held.fingerprint === onDisk.fingerprint;
  return isSame ? undefined : `${file} has another token on the disk`;
}
