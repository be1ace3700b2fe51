/**
 * `cdx2 auth rename`: gives a key's auth file another name. A running proxy goes on with the key as it was.
 * @module
 */

import { findKey, renameKey } from "../../auth/folder.ts";
import { defineCommand } from "../command.ts";
import { localSettings } from "../settings.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { fileNameFrom } from "./file_name.ts";
import type { AuthRename } from "./pages.ts";

/** The command `cdx2 auth rename`. */
export const authRenameCommand = defineCommand({
  name: "rename",
  summary: "Give a key's file another name.",
  details: "Penalties and sessions of the key stay with it.",
  examples: [
    ["call the key of this e-mail work.json", "cdx2 auth rename ann@example.com work"],
    ["the same by the name of its file", "cdx2 auth rename key-2.json work.json"],
  ],
  syntax: (command) =>
    command
      .argument("<key-name>", KEY_NAME_HELP)
      .argument("<new-name>", "The new name of its file, with or without .json.", fileNameFrom)
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [name, to], options: { json } }) => {
    const { files, clock } = world;
    const { settings: { authDir } } = await localSettings(world, flags);
    const { file, email = null } = await findKey(files, authDir, name, "Cannot rename the key");
    await renameKey({ files, clock, authDir }, file, to);
    output.info(`renamed ${file} to ${to}; a running proxy knows the new name within 2s`);
    if (json) {
      output.printJson({ file: to, email, renamed_from: file, auth_dir: authDir } satisfies AuthRename);
    }
    return 0;
  },
});
