/**
 * The completion script for zsh. It uses `_arguments`, which handles repeated options, `--name=value` and `--`.
 * @module
 */

import { shQuoted } from "../shell_quote.ts";
import { type Candidates, type CommandSpec, everyCommand, type OptionSpec, runsProgram } from "./spec.ts";

/** @returns the script, to be evaluated in `~/.zshrc` after `compinit` */
export function zshScript(root: CommandSpec): string {
  return `#compdef cdx2
# cdx2 completions for zsh. In ~/.zshrc, after compinit: eval "$(cdx2 completions zsh)"
# Or save it as the file _cdx2 in a folder of $fpath.

${everyCommand(root).map(commandFunction).join("\n")}
_cdx2_keys() {
  local folder="\${CLIPROXY_AUTH_DIR:-$HOME/.codex/_auths}" expl
  local -a keys=("\${folder/#\\~/$HOME}"/*.json(N:t))
  keys=(\${keys:#rr_proxy_v2.*} \${(f)"$(cdx2 key-names 2>/dev/null)"})
  _wanted keys expl 'key file' compadd -a - keys
}

if [[ $funcstack[1] == _cdx2 ]]; then
  _cdx2 "$@"
else
  compdef _cdx2 cdx2
fi
`;
}

function commandFunction(command: CommandSpec): string {
  const options = command.options.map(optionSpec);
  return `${functionName(command)}() {\n${
    command.commands.length > 0 ? branchBody(command, options) : leafBody(command, options)
  }}\n`;
}

function leafBody(command: CommandSpec, options: readonly string[]): string {
  return `  ${argumentsCall(["-s", "-S", ":"], [...options, ...argumentSpecs(command)])}\n`;
}

function branchBody({ commands }: CommandSpec, options: readonly string[]): string {
  const specs = [...options, "'1: :->command'", "'*:: :->arguments'"];
  const described = commands.map(({ name, summary }) => `    ${shQuoted(`${name}:${summary}`)}\n`).join("");
  const calls = commands.map((command) => `        ${command.name}) ${functionName(command)} ;;\n`).join("");
  return `  local curcontext="$curcontext" state line
  local -a inner=(
${described}  )
  ${argumentsCall(["-s", "-S", "-C", ":"], specs)} && return
  case $state in
    command) _describe -t commands command inner ;;
    arguments)
      case $line[1] in
${calls}      esac
      ;;
  esac
`;
}

function argumentsCall(flags: readonly string[], specs: readonly string[]): string {
  return ["_arguments", ...flags].join(" ") + specs.map((spec) => ` \\\n    ${spec}`).join("");
}

function optionSpec({ names, summary, value }: OptionSpec): string {
  const rest = shQuoted(`[${escaped(summary)}]${value ? `:value:${action(value)}` : ""}`);
  const spelled = names.map((name) => value ? `${name}${name.startsWith("--") ? "=" : "+"}` : name);
  if (spelled.length === 1) return `${spelled[0]}${rest}`;
  return `'(${names.join(" ")})'{${spelled.join(",")}}${rest}`;
}

function argumentSpecs(command: CommandSpec): readonly string[] {
  // No options after the first argument: they are the other program's.
  const exclusion = runsProgram(command) ? "(-)" : "";
  const specs = command.args.map((candidates, index) => `${index + 1}:argument:${action(candidates)}`);
  return [...specs, ...restSpec(command)].map((spec) => shQuoted(exclusion + spec));
}

function restSpec({ args, restArgs }: CommandSpec): readonly string[] {
  if (!restArgs) return [];
  // After the name of a program that program's own completion takes over.
  const isProgramsOwn = restArgs.kind === "passthrough" && args.some(({ kind }) => kind === "commands");
  return [isProgramsOwn ? "*::argument:_normal" : `*:argument:${action(restArgs)}`];
}

function action(candidates: Candidates): string {
  switch (candidates.kind) {
    case "choices":
      return `(${candidates.choices.join(" ")})`;
    case "keys":
      return "_cdx2_keys";
    case "files":
    case "passthrough":
      return "_files";
    case "folders":
      return "_directories";
    case "commands":
      // The space keeps `_arguments` from putting arguments of its own before -e.
      return " _command_names -e";
    case "anything":
      return " ";
  }
}

function functionName({ path }: CommandSpec): string {
  return `_${path.replaceAll(/[ -]/g, "_")}`;
}

function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, "\\$&");
}
