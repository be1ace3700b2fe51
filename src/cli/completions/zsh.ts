/**
 * The completion script for zsh, built on its own `_arguments`, which knows about options that were given already,
 * `--name=value` and `--`.
 * @module
 */

import { shQuoted } from "../shell_quote.ts";
import {
  type CommandGrammar,
  everyCommand,
  type OptionGrammar,
  runsAnother,
  type Values,
} from "./grammar.ts";

export function zshScript(root: CommandGrammar): string {
  return `#compdef cdx2
# Completions of cdx2 for zsh. In ~/.zshrc, behind compinit: eval "$(cdx2 completions zsh)"
# Or as the file _cdx2 in a folder of $fpath.

${everyCommand(root).map(commandFunction).join("\n")}
_cdx2_keys() {
  local folder="\${CLIPROXY_AUTH_DIR:-$HOME/.codex/_auths}" expl
  local -a keys=("\${folder/#\\~/$HOME}"/*.json(N:t))
  keys=(\${keys:#rr_proxy_v2.*})
  _wanted keys expl 'key file' compadd -a - keys
}

if [[ $funcstack[1] == _cdx2 ]]; then
  _cdx2 "$@"
else
  compdef _cdx2 cdx2
fi
`;
}

function commandFunction(command: CommandGrammar): string {
  const options = command.options.map(optionSpec);
  return `${functionName(command)}() {\n${
    command.commands.length > 0 ? branchBody(command, options) : leafBody(command, options)
  }}\n`;
}

function leafBody(command: CommandGrammar, options: readonly string[]): string {
  return `  ${argumentsCall(["-s", "-S", ":"], [...options, ...wordSpecs(command)])}\n`;
}

function branchBody({ commands }: CommandGrammar, options: readonly string[]): string {
  const specs = [...options, "'1: :->command'", "'*:: :->words'"];
  const described = commands.map(({ name, does }) => `    ${shQuoted(`${name}:${does}`)}\n`).join("");
  const calls = commands.map((command) => `        ${command.name}) ${functionName(command)} ;;\n`).join("");
  return `  local curcontext="$curcontext" state line
  local -a inner=(
${described}  )
  ${argumentsCall(["-s", "-S", "-C", ":"], specs)} && return
  case $state in
    command) _describe -t commands command inner ;;
    words)
      case $line[1] in
${calls}      esac
      ;;
  esac
`;
}

function argumentsCall(flags: readonly string[], specs: readonly string[]): string {
  return ["_arguments", ...flags].join(" ") + specs.map((spec) => ` \\\n    ${spec}`).join("");
}

function optionSpec({ names, does, value }: OptionGrammar): string {
  const rest = shQuoted(`[${escaped(does)}]${value ? `:value:${action(value)}` : ""}`);
  const spelled = names.map((name) => value ? `${name}${name.startsWith("--") ? "=" : "+"}` : name);
  if (spelled.length === 1) return `${spelled[0]}${rest}`;
  return `'(${names.join(" ")})'{${spelled.join(",")}}${rest}`;
}

function wordSpecs(command: CommandGrammar): readonly string[] {
  // No options behind the first word: they are the other program's.
  const exclusion = runsAnother(command) ? "(-)" : "";
  const specs = command.words.map((values, index) => `${index + 1}:word:${action(values)}`);
  return [...specs, ...restSpec(command)].map((spec) => shQuoted(exclusion + spec));
}

function restSpec({ words, rest }: CommandGrammar): readonly string[] {
  if (!rest) return [];
  // Behind a program's name its own completion takes over.
  const isProgramsOwn = rest.kind === "theirs" && words.some(({ kind }) => kind === "commands");
  return [isProgramsOwn ? "*::word:_normal" : `*:word:${action(rest)}`];
}

function action(values: Values): string {
  switch (values.kind) {
    case "words":
      return `(${values.words.join(" ")})`;
    case "keys":
      return "_cdx2_keys";
    case "files":
    case "theirs":
      return "_files";
    case "folders":
      return "_directories";
    case "commands":
      // The blank keeps `_arguments` from putting words of its own before -e.
      return " _command_names -e";
    case "anything":
      return " ";
  }
}

function functionName({ place }: CommandGrammar): string {
  return `_${place.replaceAll(/[ -]/g, "_")}`;
}

function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, "\\$&");
}
