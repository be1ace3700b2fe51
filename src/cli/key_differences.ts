/**
 * How the keys that the running proxy holds differ from the auth files on the disk.
 * @module
 */

import type { AuthFile } from "../api/auth_files.ts";

/** One line for each file about which the proxy and the disk disagree; empty when they agree. */
export function keyDifferences(held: readonly AuthFile[], onDisk: readonly AuthFile[]): readonly string[] {
  const heldByName = new Map(held.map((entry) => [entry.file, entry]));
  const names = new Set(onDisk.map(({ file }) => file));
  return [
    ...onDisk.flatMap((entry) => difference(heldByName.get(entry.file), entry) ?? []),
    ...held.filter(({ file }) => !names.has(file)).map(({ file }) => `${file} is no longer on the disk`),
  ];
}

function difference(held: AuthFile | undefined, onDisk: AuthFile): string | undefined {
  const { file } = onDisk;
  if (held === undefined) return onDisk.usable ? `${file} is new on the disk` : undefined;
  if (held.usable !== onDisk.usable) {
    return onDisk.usable ? `${file} can be used now` : `${file} can no longer be used: ${onDisk.reason}`;
  }
  // An older proxy does not report fingerprints.
  const isSame = held.fingerprint === null || held.fingerprint === onDisk.fingerprint;
  return isSame ? undefined : `${file} has another token on the disk`;
}
