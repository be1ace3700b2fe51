/**
 * What the tree of commands needs to know of a command. Apart from the commands themselves and their options, because
 * `--version` needs none of them, and reading the settings' table takes longer than all the rest of its start.
 * @module
 */

import { type Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { addExamples, type Example } from "./help.ts";
import type { World } from "./world.ts";

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
  /**
   * Adds options, arguments and what a match does to commander's `command`. Of the options it takes to understand `line`,
   * and to say what is wrong with it, none is missing; without a line it adds all, as help and completions need them.
   */
  readonly declare: (command: Command, onMatch: OnMatch, line?: Line) => void;
}

/** A command line, as words. */
export type Line = readonly string[];

/** Puts a command into the tree, below `parent`, with the options that it takes to understand `line`. */
export function addCommand(
  parent: CommandUnknownOpts,
  definition: CliCommand,
  onMatch: OnMatch,
  line?: Line,
): void {
  const { name, group, isHidden, summary, details, examples, declare } = definition;
  const command = parent.command(name, { hidden: isHidden }).summary(summary)
    .description(details === undefined ? summary : `${summary}\n\n${details}`);
  if (group !== undefined) command.helpGroup(group);
  if (examples.length > 0) addExamples(command, ...examples);
  declare(command, onMatch, line);
}

/** The same option before and after the name of a command. */
export function noColourOption(): Option {
  return new Option("--no-color", "Disable colour, like NO_COLOR.");
}
