/**
 * A command as a value: what its help says, which options and arguments it takes, and what it does. commander parses the
 * command line below this; nothing runs until the whole line has been understood.
 * @module
 */

import type { Command, CommandUnknownOpts, OptionValues } from "@commander-js/extra-typings";
import type { Output } from "../screen/output.ts";
import { addExamples, type Example } from "./help.ts";
import { addServiceOptions, flagsOf, type GivenFlags, levelsOf, outputOf } from "./options.ts";
import type { World } from "./world.ts";

/** A command line that was understood, and the world to run it in. */
export interface Invocation<Args, Options> {
  readonly world: World;
  readonly output: Output;
  readonly args: Args;
  readonly options: Options;
  /** The settings that were given as options. */
  readonly flags: GivenFlags;
  /** The root of the command tree, to describe all commands. */
  readonly program: CommandUnknownOpts;
}

/** Runs a command line that was understood, and resolves with the exit code. */
export type Run = (world: World) => Promise<number>;

/** Gets what to run when a command line names a command. */
export type OnMatch = (run: Run) => void;

/** A command or a group of commands, without the types of its options, so that all fit in one table. */
export interface CliCommand {
  readonly name: string;
  /** Its heading in the help. `undefined` for a sub-command, and for a command that the help does not show. */
  readonly group: string | undefined;
  readonly isHidden: boolean;
  /** One sentence, shown in the list of commands. */
  readonly summary: string;
  /** Follows the summary in its own help. `undefined` when the summary says it all. */
  readonly details: string | undefined;
  readonly examples: readonly Example[];
  /** Adds options, arguments and what a match does to commander's `command`. */
  readonly declare: (command: Command, onMatch: OnMatch) => void;
}

interface HelpTexts {
  readonly name: string;
  readonly group?: string;
  readonly isHidden?: boolean;
  readonly summary: string;
  readonly details?: string;
  readonly examples: readonly Example[];
}

/** What {@link defineCommand} makes a command of. */
export interface CommandDefinition<Args extends unknown[], Options extends OptionValues> extends HelpTexts {
  /** It takes `--quiet` and the flags of the settings. By default true. */
  readonly takesSettings?: boolean;
  /** Declares its own options and arguments; their types are those that `run` gets. */
  readonly syntax: (command: Command) => Command<Args, Options>;
  /** Resolves with the exit code. */
  readonly run: (invocation: Invocation<Args, Options>) => Promise<number>;
}

/** A command that does something. */
export function defineCommand<Args extends unknown[], Options extends OptionValues>(
  { takesSettings = true, syntax, run, ...texts }: CommandDefinition<Args, Options>,
): CliCommand {
  return {
    ...withDefaults(texts),
    declare: (bare, onMatch) => {
      const command = syntax(takesSettings ? addServiceOptions(bare) : bare);
      command.action(() => onMatch((world) => run(invocationOf(command, world))));
    },
  };
}

/** A command that only has sub-commands. */
export function defineGroup(
  { commands, ...texts }: HelpTexts & { readonly commands: readonly CliCommand[] },
): CliCommand {
  return {
    ...withDefaults(texts),
    declare: (group, onMatch) => {
      group.helpCommand(false);
      for (const command of commands) addCommand(group, command, onMatch);
    },
  };
}

/** Puts a command into the tree, below `parent`. */
export function addCommand(parent: CommandUnknownOpts, definition: CliCommand, onMatch: OnMatch): void {
  const { name, group, isHidden, summary, details, examples, declare } = definition;
  const command = parent.command(name, { hidden: isHidden }).summary(summary)
    .description(details === undefined ? summary : `${summary}\n\n${details}`);
  if (group !== undefined) command.helpGroup(group);
  if (examples.length > 0) addExamples(command, ...examples);
  declare(command, onMatch);
}

function withDefaults({ group, isHidden = false, details, ...texts }: HelpTexts) {
  return { ...texts, group, isHidden, details };
}

function invocationOf<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  world: World,
): Invocation<Args, Options> {
  return {
    world,
    output: outputOf(command, world),
    args: command.processedArgs,
    options: command.opts(),
    flags: flagsOf(command),
    program: levelsOf(command).at(-1)!,
  };
}
