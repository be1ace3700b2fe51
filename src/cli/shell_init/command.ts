/**
 * `cdx2 shell-init SHELL`: what a line in a start file of the shell evaluates. It runs in each new terminal, so it is made
 * without the machinery of other commands, which reads the table of settings: that would double its time.
 * @module
 */

import { Argument } from "@commander-js/extra-typings";
import { type CliCommand, noColourOption } from "../command_tree.ts";
import { listed } from "../command_list.ts";
import { SHELL_SCRIPTS, type ShellName } from "./scripts.ts";

/** The command `cdx2 shell-init`. */
export const shellInitCommand: CliCommand = {
  ...listed("shell-init"),
  details: "The function is for terminals; an IDE or the desktop app is routed by cdx2 setup codex.",
  examples: [
    ["bash: add this line to ~/.bashrc", 'eval "$(cdx2 shell-init bash)"'],
    ["zsh: add this line to ~/.zshrc, after compinit", 'eval "$(cdx2 shell-init zsh)"'],
    ["fish: add this line to ~/.config/fish/config.fish", "cdx2 shell-init fish | source"],
    ["PowerShell: add this line to $PROFILE", "cdx2 shell-init powershell | Out-String | iex"],
  ],
  declare: (command, onMatch) => {
    const shells = Object.keys(SHELL_SCRIPTS) as ShellName[];
    command
      .addOption(noColourOption().hideHelp())
      .addArgument(new Argument("<shell>", "The shell.").choices(shells))
      .action((shell) =>
        onMatch(({ terminal }) => {
          terminal.out(SHELL_SCRIPTS[shell as ShellName]);
          return Promise.resolve(0);
        })
      );
  },
};
