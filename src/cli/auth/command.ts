/**
 * `cdx2 auth`: lists, makes, adds, changes and removes the keys in the auth dir. Nothing here needs a running proxy. Like
 * the commands themselves, those below this one are loaded only when a command line names them.
 * @module
 */

import { defineGroup } from "../command.ts";
import { listed } from "../command_list.ts";
import type { CliCommand } from "../command_tree.ts";

type Loader = () => Promise<CliCommand>;

// In the order of the help.
const LOADERS: ReadonlyMap<string, Loader> = new Map(Object.entries<Loader>({
  "list": async () => (await import("./list.ts")).authListCommand,
  "login": async () => (await import("./login.ts")).authLoginCommand,
  "import": async () => (await import("./import.ts")).authImportCommand,
  "export": async () => (await import("./export.ts")).authExportCommand,
  "refresh": async () => (await import("./refresh.ts")).authRefreshCommand,
  "remove": async () => (await import("./remove.ts")).authRemoveCommand,
  "disable": async () => (await import("./disable.ts")).authDisableCommand,
  "enable": async () => (await import("./enable.ts")).authEnableCommand,
  "priority": async () => (await import("./priority.ts")).authPriorityCommand,
  "rename": async () => (await import("./rename.ts")).authRenameCommand,
  "migrate": async () => (await import("./migrate.ts")).authMigrateCommand,
}));

/** The command `cdx2 auth` with the command that `name` names below it, or with all of them when it names none. */
export async function authCommand(name?: string): Promise<CliCommand> {
  const load = LOADERS.get(name ?? "");
  const commands = load ? [await load()] : await Promise.all(LOADERS.values().map((each) => each()));
  return defineGroup({
    ...listed("auth"),
    examples: [
      ["log in as another account", "cdx2 auth login"],
      ["add Codex's own login", "cdx2 auth import"],
      ["remove a key", "cdx2 auth remove work.json"],
      ["use a key only when no other is free", "cdx2 auth priority api-key.json -10"],
    ],
    commands,
  });
}
