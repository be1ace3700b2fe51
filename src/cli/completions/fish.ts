/**
 * The completion script for fish: one `complete` line for each candidate, with the position where it applies.
 * @module
 */

import { fishQuoted } from "../shell_quote.ts";
import {
  type Candidates,
  type CommandSpec,
  everyCommand,
  type OptionSpec,
  optionsWithValue,
  runsProgram,
} from "./spec.ts";

/** @returns the script, to be saved where fish looks for completions of `cdx2` */
export function fishScript(root: CommandSpec): string {
  const commands = everyCommand(root);
  return `# cdx2 completions for fish. Type once: cdx2 completions fish > ~/.config/fish/completions/cdx2.fish

# Whether the words before the cursor name this command and, with a count, that number of arguments.
function __cdx2_at -a path count
    set -l at cdx2
    set -l args 0
    set -l skips_value
    for word in (commandline -opc)[2..-1]
        if set -q skips_value[1]
            set -e skips_value
            continue
        end
        switch $at/$word
            case ${commands.slice(1).map(pathId).join(" ")}
                set at $at/$word
            case ${commands.flatMap(valueIds).join(" ")}
                set skips_value 1
            case '*/-*'
            case '*'
                set args (math $args + 1)
        end
    end
    test "$at" = "$path"; and test -z "$count" -o "$args" = "$count"
end

function __cdx2_keys
    set -l folder $CLIPROXY_AUTH_DIR
    test -n "$folder"; or set folder ~/.codex/_auths
    for path in (string replace -r '^~' ~ -- $folder)/*.json
        string replace -r '.*/' '' -- $path | string match -v 'rr_proxy_v2.*'
    end
    cdx2 key-names 2>/dev/null
end

complete -c cdx2 -f
${commands.flatMap(completeLines).join("\n")}
`;
}

// Without spaces, so that it needs no quotes inside those of a condition.
function pathId({ path }: CommandSpec): string {
  return path.replaceAll(" ", "/");
}

function valueIds(command: CommandSpec): readonly string[] {
  return optionsWithValue(command).flatMap(({ names }) => names.map((name) => `${pathId(command)}/${name}`));
}

function completeLines(command: CommandSpec): readonly string[] {
  const { commands, options, args, restArgs } = command;
  const id = pathId(command);
  // Options after another program's name are not ours.
  const optionsAt = runsProgram(command) ? `${id} 0` : id;
  return [
    ...commands.map(({ name, summary }) => completeLine(`${id} 0`, `-a ${name}`, summary)),
    ...args.map((candidates, index) => completeLine(`${id} ${index}`, candidateFlags(candidates))),
    ...(restArgs ? [completeLine(id, candidateFlags(restArgs))] : []),
    ...options.map((option) => completeLine(optionsAt, optionFlags(option), option.summary)),
  ];
}

function completeLine(at: string, flags: string, summary?: string): string {
  const description = summary === undefined ? "" : ` -d ${fishQuoted(summary)}`;
  return `complete -c cdx2 -n '__cdx2_at ${at}' ${flags}${description}`;
}

function optionFlags({ names, value }: OptionSpec): string {
  const spelled = names.map((name) => name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`);
  return [...spelled, ...(value ? ["-r", candidateFlags(value)] : [])].join(" ");
}

function candidateFlags(candidates: Candidates): string {
  switch (candidates.kind) {
    case "choices":
      return `-f -a ${fishQuoted(candidates.choices.join(" "))}`;
    case "keys":
      return "-f -a '(__cdx2_keys)'";
    case "files":
    case "passthrough":
      return "-F";
    case "folders":
      return "-f -a '(__fish_complete_directories)'";
    case "commands":
      return "-f -a '(__fish_complete_command)'";
    case "anything":
      return "-f";
  }
}
