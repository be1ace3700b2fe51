/**
 * The completion script for bash, including the 3.2 of macOS. It needs nothing but bash itself.
 * @module
 */

import { shQuoted } from "../shell_quote.ts";
import {
  type Candidates,
  type CommandSpec,
  everyCommand,
  type OptionSpec,
  optionsWithValue,
  runsProgram,
} from "./spec.ts";

/** A branch of a `case`: its patterns and its command. */
type Branch = readonly [patterns: readonly string[], command: string];

const NOTHING = "";

/** @returns the script, to be evaluated in `~/.bashrc` */
export function bashScript(root: CommandSpec): string {
  const commands = everyCommand(root);
  return `# cdx2 completions for bash. In ~/.bashrc: eval "$(cdx2 completions bash)"

_cdx2() {
  local words=() word rest="\${COMP_LINE:0:COMP_POINT}" path=cdx2 args=0 option='' ended='' i
  COMPREPLY=()

  # Bash also splits words at "=" and "@". Join the pieces that have no space between them.
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ \${#words[@]} -eq 0 || $rest == [[:space:]]* ]]; then
      words+=("$word")
      rest="\${rest#"\${rest%%[![:space:]]*}"}"
    else
      words[\${#words[@]}-1]+="$word"
    fi
    rest="\${rest#"$word"}"
  done

  # Find the command, the number of arguments it has so far, and the option that waits for its value.
  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    word="\${words[i]}"
    if [[ $option ]]; then
      option=''
    elif [[ $word == -- ]]; then
      ended=1
    elif [[ $word == -* && ! $ended ]]; then
      case "$path $word" in
${branches(6, commands.map(waitingBranch))}
      esac
    else
      case "$ended$path $word" in
${branches(6, commands.slice(1).map(({ path }) => [[shQuoted(path)], 'path="$path $word"']))}
        *) args=$((args + 1)) ;;
      esac
      case "$path $args" in
${branches(6, commands.filter(runsProgram).map(({ path }) => [[shQuoted(`${path} 1`)], "ended=1"]))}
      esac
    fi
  done

  local cur="\${words[i]}" prefix=''
  if [[ ! $option && ! $ended && $cur == --*=* ]]; then
    option="\${cur%%=*}" prefix="\${cur%%=*}=" cur="\${cur#*=}"
  fi
  if [[ $option ]]; then
    case "$path $option" in
${branches(4, commands.flatMap(valueBranches))}
    esac
  elif [[ $cur == -* && ! $ended ]]; then
    case "$path" in
${branches(4, commands.map(optionNamesBranch))}
    esac
  else
    case "$path $args" in
${branches(4, [...commands.flatMap(argumentBranches), ...commands.flatMap(restBranches)])}
    esac
  fi

  # Bash replaces only the last piece of the word, so cut off what comes before that piece.
  local head="$prefix$cur"
  head="\${head%"$2"}"
  for ((i = 0; i < \${#COMPREPLY[@]}; i++)); do
    word="$prefix\${COMPREPLY[i]}"
    COMPREPLY[i]="\${word#"$head"}"
  done
}

_cdx2_add() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <("$@")
}

_cdx2_paths() {
  [[ $1 == -c ]] || compopt -o filenames 2>/dev/null
  _cdx2_add compgen "$1" -- "$cur"
}

_cdx2_keys() {
  local folder="\${CLIPROXY_AUTH_DIR:-$HOME/.codex/_auths}" path name word
  for path in "\${folder/#\\~/$HOME}"/*.json; do
    name="\${path##*/}"
    printf -v word %q "$name"
    [[ -e $path && $name != rr_proxy_v2.* && $word == "$cur"* ]] && COMPREPLY+=("$word")
  done
  while IFS= read -r name; do
    printf -v word %q "$name"
    [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
  done < <(cdx2 key-names 2>/dev/null)
}

complete -F _cdx2 cdx2
`;
}

function waitingBranch(command: CommandSpec): Branch {
  return [optionsWithValue(command).flatMap((option) => optionPatterns(command, option)), 'option="$word"'];
}

function valueBranches(command: CommandSpec): readonly Branch[] {
  return optionsWithValue(command).map((
    option,
  ) => [optionPatterns(command, option), completeWith(option.value)]);
}

function optionPatterns({ path }: CommandSpec, { names }: OptionSpec): readonly string[] {
  return names.map((name) => shQuoted(`${path} ${name}`));
}

function optionNamesBranch({ path, options }: CommandSpec): Branch {
  return [[shQuoted(path)], addWords(options.flatMap(({ names }) => names))];
}

function argumentBranches({ path, commands, args }: CommandSpec): readonly Branch[] {
  const inner = commands.map(({ name }) => name);
  return [
    ...(inner.length > 0 ? [[[shQuoted(`${path} 0`)], addWords(inner)] as const] : []),
    ...args.map((candidates, index) => [[shQuoted(`${path} ${index}`)], completeWith(candidates)] as const),
  ];
}

function restBranches({ path, restArgs }: CommandSpec): readonly Branch[] {
  return restArgs ? [[[`${shQuoted(`${path} `)}*`], completeWith(restArgs)]] : [];
}

/** The shell command that adds the candidates to the reply. */
function completeWith(candidates: Candidates): string {
  switch (candidates.kind) {
    case "choices":
      return addWords(candidates.choices);
    case "keys":
      return "_cdx2_keys";
    case "files":
    case "passthrough":
      return "_cdx2_paths -f";
    case "folders":
      return "_cdx2_paths -d";
    case "commands":
      return "_cdx2_paths -c";
    case "anything":
      return NOTHING;
  }
}

function addWords(words: readonly string[]): string {
  return `_cdx2_add compgen -W ${shQuoted(words.join(" "))} -- "$cur"`;
}

/** The branches as lines; those with the same command become one. */
function branches(indent: number, all: readonly Branch[]): string {
  const patternsOf = new Map<string, string[]>();
  for (const [patterns, command] of all) {
    patternsOf.set(command, [...patternsOf.get(command) ?? [], ...patterns]);
  }
  patternsOf.delete(NOTHING);
  return [...patternsOf]
    .map(([command, patterns]) => `${" ".repeat(indent + 2)}${patterns.join("|")}) ${command} ;;`)
    .join("\n");
}
