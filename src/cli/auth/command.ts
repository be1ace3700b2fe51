/**
 * `cdx2 auth`: lists, adds and removes the keys in the auth dir. Nothing here needs a running proxy.
 * @module
 */

import { defineGroup } from "../command.ts";
import { authImportCommand } from "./import.ts";
import { authListCommand } from "./list.ts";
import { authRemoveCommand } from "./remove.ts";

/** The command `cdx2 auth`. */
export const authCommand = defineGroup({
  name: "auth",
  group: "Keys:",
  summary: "List, add and remove keys.",
  examples: [
    ["list the keys", "cdx2 auth list"],
    ["add Codex's own login", "cdx2 auth import"],
    ["remove a key", "cdx2 auth remove work.json"],
  ],
  commands: [authListCommand, authImportCommand, authRemoveCommand],
});
