/**
 * `cdx2 completions SHELL`: the script that completes command lines of cdx2 in that shell.
 * @module
 */

import { Argument, type Command } from "@commander-js/extra-typings";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { grammarOf } from "./grammar.ts";
import { powershellScript } from "./powershell.ts";
import { zshScript } from "./zsh.ts";
import type { Context } from "../context.ts";
import { addExamples } from "../help.ts";
import { noColourOption, outputOf } from "../options.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript };

export function declareCompletions(command: Command, { world }: Context): void {
  addExamples(
    command,
    ["bash: put this line into ~/.bashrc", 'eval "$(cdx2 completions bash)"'],
    ["zsh: put this line into ~/.zshrc, behind compinit", 'eval "$(cdx2 completions zsh)"'],
    ["fish: type this once", "cdx2 completions fish > ~/.config/fish/completions/cdx2.fish"],
    ["PowerShell: put this line into $PROFILE", "cdx2 completions powershell | Out-String | iex"],
  );
  command.description("Print the script that completes command lines in a shell.")
    .addOption(noColourOption().hideHelp())
    .addArgument(
      new Argument("<shell>", "The shell.").choices(Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[]),
    )
    .action((shell, _options, command) => {
      outputOf(command, world).answer(SCRIPTS[shell](grammarOf(command.parent!)));
    });
}
