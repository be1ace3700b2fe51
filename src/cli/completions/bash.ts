/**
 * The completion script for bash, the 3.2 of macOS included, with nothing but bash itself.
 * @module
 */

import { shQuoted } from "../shell_quote.ts";
import {
  type CommandGrammar,
  everyCommand,
  type OptionGrammar,
  optionsWithValue,
  runsAnother,
  type Values,
} from "./grammar.ts";

/** A branch of a `case`: the patterns that it is for, and what is done for them. */
type Arm = readonly [patterns: readonly string[], act: string];

const NOTHING = "";

export function bashScript(root: CommandGrammar): string {
  const commands = everyCommand(root);
  return `# Completions of cdx2 for bash. In ~/.bashrc: eval "$(cdx2 completions bash)"

_cdx2() {
  local words=() word rest="\${COMP_LINE:0:COMP_POINT}" place=cdx2 given=0 option='' ended='' i
  COMPREPLY=()

  # Bash breaks words at "=" and "@" too. What stands together becomes one word again.
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ \${#words[@]} -eq 0 || $rest == [[:space:]]* ]]; then
      words+=("$word")
      rest="\${rest#"\${rest%%[![:space:]]*}"}"
    else
      words[\${#words[@]}-1]+="$word"
    fi
    rest="\${rest#"$word"}"
  done

  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    word="\${words[i]}"
    if [[ $option ]]; then
      option=''
    elif [[ $word == -- ]]; then
      ended=1
    elif [[ $word == -* && ! $ended ]]; then
      case "$place $word" in
${arms(6, commands.map(optionsArm))}
      esac
    else
      case "$ended$place $word" in
${arms(6, commands.slice(1).map(({ place }) => [[shQuoted(place)], 'place="$place $word"']))}
        *) given=$((given + 1)) ;;
      esac
      case "$place $given" in
${arms(6, commands.filter(runsAnother).map(({ place }) => [[shQuoted(`${place} 1`)], "ended=1"]))}
      esac
    fi
  done

  local cur="\${words[i]}" lead=''
  if [[ ! $option && ! $ended && $cur == --*=* ]]; then
    option="\${cur%%=*}" lead="\${cur%%=*}=" cur="\${cur#*=}"
  fi
  if [[ $option ]]; then
    case "$place $option" in
${arms(4, commands.flatMap(valueArms))}
    esac
  elif [[ $cur == -* && ! $ended ]]; then
    case "$place" in
${
    arms(
      4,
      commands.map((
        { place, options },
      ) => [[shQuoted(place)], offerWords(options.flatMap(({ names }) => names))]),
    )
  }
    esac
  else
    case "$place $given" in
${arms(4, [...commands.flatMap(wordArms), ...commands.flatMap(restArms)])}
    esac
  fi

  # What is put in replaces only the piece that bash calls the word.
  local head="$lead$cur"
  head="\${head%"$2"}"
  for ((i = 0; i < \${#COMPREPLY[@]}; i++)); do
    word="$lead\${COMPREPLY[i]}"
    COMPREPLY[i]="\${word#"$head"}"
  done
}

_cdx2_offer() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <("$@")
}

_cdx2_paths() {
  [[ $1 == -c ]] || compopt -o filenames 2>/dev/null
  _cdx2_offer compgen "$1" -- "$cur"
}

_cdx2_keys() {
  local folder="\${CLIPROXY_AUTH_DIR:-$HOME/.codex/_auths}" path name word
  for path in "\${folder/#\\~/$HOME}"/*.json; do
    name="\${path##*/}"
    printf -v word %q "$name"
    [[ -e $path && $name != rr_proxy_v2.* && $word == "$cur"* ]] && COMPREPLY+=("$word")
  done
}

complete -F _cdx2 cdx2
`;
}

function optionsArm(command: CommandGrammar): Arm {
  return [optionsWithValue(command).flatMap((option) => optionPatterns(command, option)), 'option="$word"'];
}

function valueArms(command: CommandGrammar): readonly Arm[] {
  return optionsWithValue(command).map((option) => [optionPatterns(command, option), offer(option.value)]);
}

function optionPatterns({ place }: CommandGrammar, { names }: OptionGrammar): readonly string[] {
  return names.map((name) => shQuoted(`${place} ${name}`));
}

function wordArms({ place, commands, words }: CommandGrammar): readonly Arm[] {
  const inner = commands.map(({ name }) => name);
  return [
    ...(inner.length > 0 ? [[[shQuoted(`${place} 0`)], offerWords(inner)] as const] : []),
    ...words.map((values, index) => [[shQuoted(`${place} ${index}`)], offer(values)] as const),
  ];
}

function restArms({ place, rest }: CommandGrammar): readonly Arm[] {
  return rest ? [[[`${shQuoted(`${place} `)}*`], offer(rest)]] : [];
}

function offer(values: Values): string {
  switch (values.kind) {
    case "words":
      return offerWords(values.words);
    case "keys":
      return "_cdx2_keys";
    case "files":
    case "theirs":
      return "_cdx2_paths -f";
    case "folders":
      return "_cdx2_paths -d";
    case "commands":
      return "_cdx2_paths -c";
    case "anything":
      return NOTHING;
  }
}

function offerWords(words: readonly string[]): string {
  return `_cdx2_offer compgen -W ${shQuoted(words.join(" "))} -- "$cur"`;
}

/** Those that do the same become one. */
function arms(indent: number, all: readonly Arm[]): string {
  const patternsOf = new Map<string, string[]>();
  for (const [patterns, act] of all) patternsOf.set(act, [...patternsOf.get(act) ?? [], ...patterns]);
  patternsOf.delete(NOTHING);
  return [...patternsOf].map(([act, patterns]) => `${" ".repeat(indent + 2)}${patterns.join("|")}) ${act} ;;`)
    .join("\n");
}
