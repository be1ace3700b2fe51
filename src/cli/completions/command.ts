/**
 * `cdx2 completions SHELL`: the script that completes command lines of cdx2 in that shell.
 * @module
 */

import { Argument } from "@commander-js/extra-typings";
import { defineCommand } from "../command.ts";
import { noColourOption } from "../options.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { specOf } from "./spec.ts";
import { powershellScript } from "./powershell.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript };

export const completionsCommand = defineCommand({
  name: "completions",
  group: "The shell:",
  summary: "Print the script that completes command lines in a shell.",
  examples: [
    ["bash: put this line into ~/.bashrc", 'eval "$(cdx2 completions bash)"'],
    ["zsh: put this line into ~/.zshrc, behind compinit", 'eval "$(cdx2 completions zsh)"'],
    ["fish: type this once", "cdx2 completions fish > ~/.config/fish/completions/cdx2.fish"],
    ["PowerShell: put this line into $PROFILE", "cdx2 completions powershell | Out-String | iex"],
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
