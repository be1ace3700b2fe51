/**
 * What can be completed, read from the tree of commands: the completion scripts of the four shells are generated from
 * it.
 * @module
 */

import type { Argument, CommandUnknownOpts, Option } from "@commander-js/extra-typings";

/** What can be typed at one position. `passthrough`: from here on the line belongs to another program. */
export type Candidates =
  | { readonly kind: "choices"; readonly choices: readonly string[] }
  | { readonly kind: "keys" | "files" | "folders" | "commands" | "passthrough" | "anything" };

/** An option of a command. */
export interface OptionSpec {
  /** `-q` and `--quiet`, or only one of them. */
  readonly names: readonly string[];
  readonly summary: string;
  /** `undefined` for an option without a value, and for one whose value may be left out. */
  readonly value: Candidates | undefined;
}

/** A command, with the commands below it. */
export interface CommandSpec {
  /** What is typed to reach it: `cdx2 auth import`. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandSpec[];
  readonly options: readonly OptionSpec[];
  /** Its arguments, in order, without the one that may be repeated. */
  readonly args: readonly Candidates[];
  /** Its last argument when that may be repeated. */
  readonly restArgs: Candidates | undefined;
}

/** The placeholders in the help for which a shell can complete something. */
const PLACEHOLDERS: Readonly<Record<string, Exclude<Candidates["kind"], "choices">>> = {
  path: "folders",
  file: "files",
  "key-name": "keys",
  command: "commands",
  args: "passthrough",
};

/** Describes a command and all commands below it, except those that the help hides. */
export function specOf(command: CommandUnknownOpts, parentPath = ""): CommandSpec {
  const help = command.createHelp();
  const path = `${parentPath} ${command.name()}`.trim();
  return {
    path,
    name: command.name(),
    summary: firstSentence(help.subcommandDescription(command)),
    commands: help.visibleCommands(command).map((inner) => specOf(inner, path)),
    options: help.visibleOptions(command).map(optionSpecOf),
    ...argumentSpecsOf(command.registeredArguments),
  };
}

/** The command itself and all commands below it. */
export function everyCommand(spec: CommandSpec): readonly CommandSpec[] {
  return [spec, ...spec.commands.flatMap(everyCommand)];
}

/** Whether the command runs another program: the line belongs to that one from the first argument on. */
export function runsProgram({ restArgs }: CommandSpec): boolean {
  return restArgs?.kind === "passthrough";
}

/** An option that a value follows. */
export type ValueOptionSpec = OptionSpec & { readonly value: Candidates };

/** The options of a command that a value follows. */
export function optionsWithValue({ options }: CommandSpec): readonly ValueOptionSpec[] {
  return options.filter((option): option is ValueOptionSpec => option.value !== undefined);
}

function argumentSpecsOf(args: readonly Argument[]): Pick<CommandSpec, "args" | "restArgs"> {
  const last = args.at(-1);
  const candidates = (argument: Argument) => candidatesOf(argument, argument.name());
  if (!last?.variadic) return { args: args.map(candidates), restArgs: undefined };
  return { args: args.slice(0, -1).map(candidates), restArgs: candidates(last) };
}

function optionSpecOf(option: Option): OptionSpec {
  const placeholder = /<(.+?)(?:\.\.\.)?>/.exec(option.flags)?.[1];
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    summary: firstSentence(option.description),
    value: placeholder === undefined ? undefined : candidatesOf(option, placeholder),
  };
}

function candidatesOf({ argChoices: choices }: Option | Argument, placeholder: string): Candidates {
  if (choices) return { kind: "choices", choices };
  return { kind: PLACEHOLDERS[placeholder] ?? "anything" };
}

// A shell shows one line for each. A full stop inside a name does not end the sentence.
function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/s.exec(text)?.[0].slice(0, -1).replace(/\s+/g, " ") ?? text;
}
