/**
 * The keyring, and files with tokens in it, for a command that may need neither: the code is loaded for the first file that
 * names an entry, or at the first use of the keyring.
 * @module
 */

import { mayNameEntry } from "../auth/kept_member.ts";
import type { Files } from "../system/files.ts";
import type { Keyring } from "./keyring.ts";

/** The keyring that `load` makes when it is first used. */
export function lateKeyring(load: () => Promise<Keyring>): Keyring {
  let loading: Promise<Keyring> | undefined;
  const loaded = () => loading ??= load();
  return {
    read: async (entry, seal) => await (await loaded()).read(entry, seal),
    write: async (entry, tokens) => await (await loaded()).write(entry, tokens),
    remove: async (entry) => await (await loaded()).remove(entry),
    check: async () => await (await loaded()).check(),
    // What has not been loaded has read nothing. A read that follows comes after it.
    forget: () => void loading?.then((keyring) => keyring.forget()),
  };
}

/** As `keptFiles()`. */
export function lateKeptFiles(files: Files, keyring: Pick<Keyring, "read" | "write" | "remove">): Files {
  const kept = async () => (await import("./kept_files.ts")).keptFiles(files, keyring);
  return {
    ...files,
    readText: async (path, known) => {
      const text = await files.readText(path, known);
      if (!mayNameEntry(text)) return text;
      const { withTokens } = await import("./kept_files.ts");
      return await withTokens(path, text, ({ entry, seal }) => keyring.read(entry, seal));
    },
    writeDurable: async (path, text) => await (await kept()).writeDurable(path, text),
  };
}
