/**
 * `cdx2 key-names`: what keys can be called besides the names of their files. The completion scripts ask it; users do not
 * type it.
 * @module
 */

import { keyCalled } from "../../auth/key_names.ts";
import { listKeys } from "../../auth/folder.ts";
import { withDeadline } from "../../system/clock.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { resolvedSettings } from "../settings.ts";

// The user is typing: a keyring that waits for its password must not stop the shell.
const DEADLINE_MS = 1000;

/** The command `cdx2 key-names`. */
export const keyNamesCommand = defineCommand({
  ...listed("key-names"),
  examples: [],
  syntax: (command) => command,
  run: async ({ world, output, flags }) => {
    const { settings: { authDir } } = await resolvedSettings(world, flags);
    const listing = await withDeadline(world.clock, DEADLINE_MS, () => listKeys(world.files, authDir));
    const records = listing?.records ?? [];
    const names = records.flatMap(({ alias, email }) => [alias, email].filter((name) => name !== undefined));
    const telling = new Set(names.filter((name) => keyCalled(name, records).kind === "one"));
    output.printLines([...telling]);
    return 0;
  },
});
