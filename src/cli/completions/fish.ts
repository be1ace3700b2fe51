/**
 * The completion script for fish: one `complete` for each thing that can be typed, with where it can be typed.
 * @module
 */

import { fishQuoted } from "../shell_quote.ts";
import {
  type CommandGrammar,
  everyCommand,
  type OptionGrammar,
  optionsWithValue,
  runsAnother,
  type Values,
} from "./grammar.ts";

export function fishScript(root: CommandGrammar): string {
  const commands = everyCommand(root);
  return `# Completions of cdx2 for fish. Once: cdx2 completions fish > ~/.config/fish/completions/cdx2.fish

# Whether the words before the cursor have come to this command, and to so many words behind it.
function __cdx2_at -a place given
    set -l at cdx2
    set -l words 0
    set -l skips
    for word in (commandline -opc)[2..-1]
        if set -q skips[1]
            set -e skips
            continue
        end
        switch $at/$word
            case ${commands.slice(1).map(placeId).join(" ")}
                set at $at/$word
            case ${commands.flatMap(valueIds).join(" ")}
                set skips 1
            case '*/-*'
            case '*'
                set words (math $words + 1)
        end
    end
    test "$at" = "$place"; and test -z "$given" -o "$words" = "$given"
end

function __cdx2_keys
    set -l folder $CLIPROXY_AUTH_DIR
    test -n "$folder"; or set folder ~/.codex/_auths
    for path in (string replace -r '^~' ~ -- $folder)/*.json
        string replace -r '.*/' '' -- $path | string match -v 'rr_proxy_v2.*'
    end
end

complete -c cdx2 -f
${commands.flatMap(completeLines).join("\n")}
`;
}

// Without blanks, so that it needs no quotes within those of a condition.
function placeId({ place }: CommandGrammar): string {
  return place.replaceAll(" ", "/");
}

function valueIds(command: CommandGrammar): readonly string[] {
  return optionsWithValue(command).flatMap(({ names }) => names.map((name) => `${placeId(command)}/${name}`));
}

function completeLines(command: CommandGrammar): readonly string[] {
  const { commands, options, words, rest } = command;
  const id = placeId(command);
  // The options behind another program's name are not ours.
  const optionsAt = runsAnother(command) ? `${id} 0` : id;
  return [
    ...commands.map(({ name, does }) => completeLine(`${id} 0`, `-a ${name}`, does)),
    ...words.map((values, index) => completeLine(`${id} ${index}`, candidates(values))),
    ...(rest ? [completeLine(id, candidates(rest))] : []),
    ...options.map((option) => completeLine(optionsAt, optionText(option), option.does)),
  ];
}

function completeLine(at: string, what: string, does?: string): string {
  return `complete -c cdx2 -n '__cdx2_at ${at}' ${what}${
    does === undefined ? "" : ` -d ${fishQuoted(does)}`
  }`;
}

function optionText({ names, value }: OptionGrammar): string {
  const spelled = names.map((name) => name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`);
  return [...spelled, ...(value ? ["-r", candidates(value)] : [])].join(" ");
}

function candidates(values: Values): string {
  switch (values.kind) {
    case "words":
      return `-f -a ${fishQuoted(values.words.join(" "))}`;
    case "keys":
      return "-f -a '(__cdx2_keys)'";
    case "files":
    case "theirs":
      return "-F";
    case "folders":
      return "-f -a '(__fish_complete_directories)'";
    case "commands":
      return "-f -a '(__fish_complete_command)'";
    case "anything":
      return "-f";
  }
}
