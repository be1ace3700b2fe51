/**
 * What can be typed, read off the tree of commands: all that the completion scripts of the four shells are made from.
 * @module
 */

import type { Argument, CommandUnknownOpts, Option } from "@commander-js/extra-typings";

/** What fits in a place. `theirs`: the words of another program, from here to the end. */
export type Values =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "keys" | "files" | "folders" | "commands" | "theirs" | "anything" };

export interface OptionGrammar {
  /** `-q` and `--quiet`, or only one of them. */
  readonly names: readonly string[];
  readonly does: string;
  /** Absent for an option that can do without a value. */
  readonly value?: Values;
}

export interface CommandGrammar {
  /** From the program on, as in `cdx2 auth import`. */
  readonly place: string;
  readonly name: string;
  readonly does: string;
  readonly commands: readonly CommandGrammar[];
  readonly options: readonly OptionGrammar[];
  /** What its words are, in order. */
  readonly words: readonly Values[];
  /** What all words behind those are; absent when there are none. */
  readonly rest?: Values;
}

/** The placeholders in the help for which a shell can offer something. */
const PLACEHOLDERS: Readonly<Record<string, Exclude<Values["kind"], "words">>> = {
  path: "folders",
  file: "files",
  "key-name": "keys",
  command: "commands",
  args: "theirs",
};

/** Reads a command and all below it. */
export function grammarOf(command: CommandUnknownOpts, above = ""): CommandGrammar {
  const help = command.createHelp();
  const place = `${above} ${command.name()}`.trim();
  return {
    place,
    name: command.name(),
    does: firstSentence(help.subcommandDescription(command)),
    commands: help.visibleCommands(command).map((inner) => grammarOf(inner, place)),
    options: help.visibleOptions(command).map(optionGrammar),
    ...wordsGrammar(command.registeredArguments),
  };
}

function wordsGrammar(args: readonly Argument[]): Pick<CommandGrammar, "words" | "rest"> {
  const last = args.at(-1);
  const values = (argument: Argument) => valuesOf(argument, argument.name());
  if (!last?.variadic) return { words: args.map(values) };
  return { words: args.slice(0, -1).map(values), rest: values(last) };
}

/** The command itself and all below it. */
export function everyCommand(grammar: CommandGrammar): readonly CommandGrammar[] {
  return [grammar, ...grammar.commands.flatMap(everyCommand)];
}

/** From its first word on, the line of such a command is another program's. */
export function runsAnother({ rest }: CommandGrammar): boolean {
  return rest?.kind === "theirs";
}

/** The options of a command behind which a value comes. */
export function optionsWithValue({ options }: CommandGrammar): readonly Required<OptionGrammar>[] {
  return options.filter((option): option is Required<OptionGrammar> => option.value !== undefined);
}

function optionGrammar(option: Option): OptionGrammar {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const does = firstSentence(option.description);
  const placeholder = /<(.+?)(?:\.\.\.)?>/.exec(option.flags)?.[1];
  return placeholder === undefined ? { names, does } : { names, does, value: valuesOf(option, placeholder) };
}

function valuesOf({ argChoices: words }: Option | Argument, placeholder: string): Values {
  if (words) return { kind: "words", words };
  return { kind: PLACEHOLDERS[placeholder] ?? "anything" };
}

// The list of a shell has one line for each; a full stop within a name does not end it.
function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/s.exec(text)?.[0].slice(0, -1).replace(/\s+/g, " ") ?? text;
}
