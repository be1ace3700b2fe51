/**
 * The layout of the help, and the examples at its end. They stay with commander's command, so that docs/cli.md shows the
 * same ones.
 * @module
 */

import { type CommandUnknownOpts, Help, type HelpConfiguration } from "@commander-js/extra-typings";

/** A purpose, without a full stop, and the command line for it. */
export type Example = readonly [purpose: string, line: string];

const EXAMPLES = new WeakMap<CommandUnknownOpts, readonly Example[]>();

// A narrower column is hard to read; then the text goes below its term.
const MIN_TEXT_COLUMNS = 40;
const TEXT_INDENT = 6;
const DEFAULT_COLUMNS = 80;

/** Adds examples to the end of the help of `command`, as lines that can be pasted into a shell. Returns `command`. */
export function addExamples<C extends CommandUnknownOpts>(command: C, ...examples: readonly Example[]): C {
  EXAMPLES.set(command, examples);
  command.addHelpText(
    "after",
    `\nExamples:\n${exampleLines(examples).map((line) => `  ${line}`).join("\n")}`,
  );
  return command;
}

/** The examples of a command, in order; empty when it has none. */
export function examplesOf(command: CommandUnknownOpts): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}

/** Lines for a shell: each purpose as a comment, then the command line. */
export function exampleLines(examples: readonly Example[]): readonly string[] {
  return examples.flatMap(([purpose, line]) => [`# ${purpose}`, line]);
}

/** Descriptions beside their terms, or below them where the terminal is narrow. */
export const HELP_LAYOUT: HelpConfiguration = {
  subcommandTerm: (command) => command.name(),
  // Wraps long descriptions at every width.
  minWidthToWrap: 1,
  formatItem(term, termColumns, description, helper) {
    const columns = helper.helpWidth ?? DEFAULT_COLUMNS;
    if (columns - termColumns >= MIN_TEXT_COLUMNS + 4) {
      return Help.prototype.formatItem.call(helper, term, termColumns, description, helper);
    }
    const text = helper.boxWrap(description, columns - TEXT_INDENT);
    return `  ${term}\n${text.replace(/^/gm, " ".repeat(TEXT_INDENT))}`;
  },
};
