/**
 * `cdx2 auth disable`: no request gets the key until `cdx2 auth enable`.
 * @module
 */

import { defineCommand } from "../command.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { switchKey } from "./switch_key.ts";

/** The command `cdx2 auth disable`. */
export const authDisableCommand = defineCommand({
  name: "disable",
  summary: "Stop using a key, without removing it.",
  details: 'The file gets "disabled": true, so it lasts over restarts. Requests that are running go on.',
  examples: [
    ["use the key no more", "cdx2 auth disable work.json"],
    ["the same by its e-mail", "cdx2 auth disable ann@example.com"],
  ],
  syntax: (command) => command.argument("<key-name>", KEY_NAME_HELP).option("--json", "Print JSON."),
  run: (invocation) => {
    const { args: [name], options: { json } } = invocation;
    return switchKey(invocation, {
      name,
      cannot: "Cannot disable the key",
      change: { path: ["disabled"], value: true },
      line: (file, isChanged) =>
        isChanged
          ? `disabled ${file}; a running proxy stops using it within 2s`
          : `${file} is disabled already`,
    }, json);
  },
});
