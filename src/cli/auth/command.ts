/**
 * `cdx2 auth`: the keys in the auth dir, seen, added and removed. Nothing here needs a running proxy.
 * @module
 */

import type { Command } from "@commander-js/extra-typings";
import type { Context } from "../context.ts";
import { addExamples } from "../help.ts";
import { declareAuthImport } from "./import.ts";
import { declareAuthList } from "./list.ts";
import { declareAuthRemove } from "./remove.ts";

export function declareAuth(command: Command, context: Context): void {
  command.description("See, add and remove keys.").helpCommand(false);
  declareAuthList(command.command("list"), context);
  declareAuthImport(command.command("import"), context);
  declareAuthRemove(command.command("remove"), context);
  addExamples(
    command,
    ["see which keys there are", "cdx2 auth list"],
    ["add the login that Codex holds", "cdx2 auth import"],
    ["remove a key", "cdx2 auth remove work.json"],
  );
}
