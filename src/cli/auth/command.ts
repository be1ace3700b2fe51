/**
 * `cdx2 auth`: lists, makes, adds, changes and removes the keys in the auth dir. Nothing here needs a running proxy.
 * @module
 */

import { defineGroup } from "../command.ts";
import { authDisableCommand } from "./disable.ts";
import { authEnableCommand } from "./enable.ts";
import { authImportCommand } from "./import.ts";
import { authListCommand } from "./list.ts";
import { authLoginCommand } from "./login.ts";
import { authPriorityCommand } from "./priority.ts";
import { authRefreshCommand } from "./refresh.ts";
import { authRemoveCommand } from "./remove.ts";
import { authRenameCommand } from "./rename.ts";

/** The command `cdx2 auth`. */
export const authCommand = defineGroup({
  name: "auth",
  group: "Keys:",
  summary: "List, add, renew, change and remove keys.",
  examples: [
    ["log in as another account", "cdx2 auth login"],
    ["add Codex's own login", "cdx2 auth import"],
    ["remove a key", "cdx2 auth remove work.json"],
    ["use a key only when no other is free", "cdx2 auth priority api-key.json -10"],
  ],
  commands: [
    authListCommand,
    authLoginCommand,
    authImportCommand,
    authRefreshCommand,
    authRemoveCommand,
    authDisableCommand,
    authEnableCommand,
    authPriorityCommand,
    authRenameCommand,
  ],
});
