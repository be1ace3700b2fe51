/**
 * Where the running proxy and this machine's files have parted: a proxy that is older than the files behaves as
 * nobody reading them would expect.
 * @module
 */

import { describeSettings, type ResolvedSettings } from "../../config/settings.ts";
import type { AuthFile } from "../../api/auth_files.ts";
import type { Debug } from "../../api/debug.ts";
import type { Received } from "../../api/received.ts";

/** One sentence for each file about which the two do not agree. */
export function keyDifferences(held: readonly AuthFile[], onDisk: readonly AuthFile[]): readonly string[] {
  const heldByName = new Map(held.map((entry) => [entry.file, entry]));
  const names = new Set(onDisk.map(({ file }) => file));
  return [
    ...onDisk.flatMap((entry) => difference(heldByName.get(entry.file), entry) ?? []),
    ...held.filter(({ file }) => !names.has(file)).map(({ file }) => `${file} is gone from the disk`),
  ];
}

function difference(held: AuthFile | undefined, onDisk: AuthFile): string | undefined {
  const { file } = onDisk;
  if (held === undefined) return onDisk.usable ? `${file} is new on the disk` : undefined;
  if (held.usable !== onDisk.usable) {
    return onDisk.usable ? `${file} can be used by now` : `${file} cannot be used any more: ${onDisk.reason}`;
  }
  // An older proxy does not tell fingerprints.
  const isSame = held.fingerprint === null || held.fingerprint === onDisk.fingerprint;
  return isSame ? undefined : `${file} has another token on the disk`;
}

// These are chosen or made at the first start, and are compared as the proxy says them itself.
const NOT_COMPARED = new Set(["port", "management_key"]);

/** One sentence for each setting that a start at this moment would give another value. */
export function settingDifferences(debug: Received<Debug>, resolved: ResolvedSettings): readonly string[] {
  const port = resolved.settings.port;
  const differences = Object.entries(describeSettings(resolved)).flatMap(([name, { value, source }]) => {
    const running = debug.settings[name];
    if (NOT_COMPARED.has(name) || running === undefined || running.value === value) return [];
    return [`${name} is ${running.value} there and ${value} here (${source.replace("_", " ")})`];
  });
  const isMoved = port !== 0 && port !== debug.port;
  return isMoved ? [...differences, `port is ${debug.port} there and ${port} here`] : differences;
}
