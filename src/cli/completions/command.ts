/**
 * `cdx2 completions SHELL`: prints the script that makes the shell complete command lines of cdx2.
 * @module
 */

import { Argument } from "@commander-js/extra-typings";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { noColourOption } from "../command_tree.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { specOf } from "./spec.ts";
import { powershellScript } from "./powershell.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript };

/** The command `cdx2 completions`. */
export const completionsCommand = defineCommand({
  ...listed("completions"),
  examples: [
    ["bash: add this line to ~/.bashrc", 'eval "$(cdx2 completions bash)"'],
    ["zsh: add this line to ~/.zshrc, after compinit", 'eval "$(cdx2 completions zsh)"'],
    ["fish: type this once", "cdx2 completions fish > ~/.config/fish/completions/cdx2.fish"],
    ["PowerShell: add this line to $PROFILE", "cdx2 completions powershell | Out-String | iex"],
  ],
  takesSettings: false,
  syntax: (command) =>
    command
      .addOption(noColourOption().hideHelp())
      .addArgument(
        new Argument("<shell>", "The shell.").choices(Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[]),
      ),
  run: ({ output, args: [shell], program }) => {
    output.print(SCRIPTS[shell](specOf(program)));
    return Promise.resolve(0);
  },
});
