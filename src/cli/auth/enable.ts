/**
 * `cdx2 auth enable`: requests get a disabled key again.
 * @module
 */

import { defineCommand } from "../command.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { switchKey } from "./switch_key.ts";

/** The command `cdx2 auth enable`. */
export const authEnableCommand = defineCommand({
  name: "enable",
  summary: "Use a disabled key again.",
  examples: [
    ["use the key again", "cdx2 auth enable work.json"],
    ["the same by its e-mail", "cdx2 auth enable ann@example.com"],
  ],
  syntax: (command) => command.argument("<key-name>", KEY_NAME_HELP).option("--json", "Print JSON."),
  run: (invocation) => {
    const { args: [name], options: { json } } = invocation;
    return switchKey(invocation, {
      name,
      cannot: "Cannot enable the key",
      change: { path: ["disabled"], value: undefined },
      line: (file, isChanged) =>
        isChanged ? `enabled ${file}; a running proxy uses it within 2s` : `${file} is not disabled`,
    }, json);
  },
});
