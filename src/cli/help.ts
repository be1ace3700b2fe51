/**
 * How the help looks, and the examples that it ends with. The examples stay with their command, so that docs/cli.md is
 * made from the same ones.
 * @module
 */

import { type CommandUnknownOpts, Help, type HelpConfiguration } from "@commander-js/extra-typings";

/** What is done, in a few words, and what is typed for it. */
export type Example = readonly [does: string, line: string];

const EXAMPLES = new WeakMap<CommandUnknownOpts, readonly Example[]>();

// In a narrower column the eye loses the line; then the text goes below its term.
const MIN_TEXT_COLUMNS = 40;
const TEXT_INDENT = 6;
const DEFAULT_COLUMNS = 80;

/** Ends the help of `command` with examples, as lines that can be copied into a shell as they stand. */
export function addExamples<C extends CommandUnknownOpts>(command: C, ...examples: readonly Example[]): C {
  EXAMPLES.set(command, examples);
  command.addHelpText(
    "after",
    `\nExamples:\n${exampleLines(examples).map((line) => `  ${line}`).join("\n")}`,
  );
  return command;
}

export function examplesOf(command: CommandUnknownOpts): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}

/** For a shell, what is done being a comment. */
export function exampleLines(examples: readonly Example[]): readonly string[] {
  return examples.flatMap(([does, line]) => [`# ${does}`, line]);
}

export const HELP_LAYOUT: HelpConfiguration = {
  subcommandTerm: (command) => command.name(),
  // Descriptions that are too long for a row are wrapped at any width.
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
