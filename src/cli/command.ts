/**
 * A command as a value: what its help says, which options and arguments it takes, and what it does. commander parses the
 * command line below this; nothing runs until the whole line has been understood.
 * @module
 */

import { Command, type CommandUnknownOpts, type OptionValues } from "@commander-js/extra-typings";
import type { Output } from "../screen/output.ts";
import { addCommand, type CliCommand, type Line } from "./command_tree.ts";
import type { Example } from "./help.ts";
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

interface HelpTexts {
  readonly name: string;
  readonly group?: string | undefined;
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
    declare: (bare, onMatch, line) => {
      const hasSettings = takesSettings &&
        (line === undefined || mayNameSetting(line, syntax(new Command())));
      const command = syntax(takesSettings ? addServiceOptions(bare, { hasSettings }) : bare);
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
    declare: (group, onMatch, line) => {
      group.helpCommand(false);
      for (const command of commands) addCommand(group, command, onMatch, line);
    },
  };
}

// Declaring the options of all settings takes longer than reading the line.
/** Whether a line has an option that is not one of the command's own, in full: help, a setting, or one that is wrong. */
function mayNameSetting(line: Line, { options }: CommandUnknownOpts): boolean {
  const own = options.flatMap(({ short, long }) => [short, long]);
  return line.some((word) => word.startsWith("-") && !own.includes(word));
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
