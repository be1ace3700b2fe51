/**
 * The layout of the help, and the examples at its end. They stay with commander's command, so that docs/cli.md shows the
 * same ones.
 * @module
 */

import { type CommandUnknownOpts, Help, type HelpConfiguration } from "@commander-js/extra-typings";
import { wrapped, wrappedToFit } from "../screen/line.ts";

/** A purpose, without a full stop, and the command line for it. */
export type Example = readonly [purpose: string, line: string];

const EXAMPLES = new WeakMap<CommandUnknownOpts, readonly Example[]>();

// A narrower column is hard to read; then the text goes below its term.
const MIN_TEXT_COLUMNS = 40;
const TEXT_INDENT = 6;
/** For a terminal that does not say how wide it is. */
export const DEFAULT_COLUMNS = 80;

/** Adds examples to the end of the help of `command`, as lines that can be pasted into a shell. Returns `command`. */
export function addExamples<C extends CommandUnknownOpts>(command: C, ...examples: readonly Example[]): C {
  EXAMPLES.set(command, examples);
  command.addHelpText(
    "after",
    ({ error }) => {
      const { getOutHasColors, getErrHasColors, getOutHelpWidth, getErrHelpWidth } = command
        .configureOutput();
      const isStyled = error ? getErrHasColors?.() : getOutHasColors?.();
      const title = isStyled ? "\x1b[1mExamples:\x1b[22m" : "Examples:";
      const columns = (error ? getErrHelpWidth?.() : getOutHelpWidth?.()) ?? DEFAULT_COLUMNS;
      return `\n${title}\n${narrowLines(examples, columns).map((line) => `  ${line}`).join("\n")}`;
    },
  );
  return command;
}

/** The examples of a command, in order; empty when it has none. */
export function examplesOf(command: CommandUnknownOpts): readonly Example[] {
  return EXAMPLES.get(command) ?? [];
}

/** The same as {@link exampleLines}, with comments as wide as a terminal; the command lines stay whole. */
function narrowLines(examples: readonly Example[], columns: number): readonly string[] {
  return examples.flatMap(([purpose, line]) => [
    ...wrappedToFit(purpose, columns - "  # ".length).map((part) => `# ${part}`),
    line,
  ]);
}

/** Lines for a shell: each purpose as a comment, then the command line. */
export function exampleLines(examples: readonly Example[]): readonly string[] {
  return examples.flatMap(([purpose, line]) => [`# ${purpose}`, line]);
}

/** A text of the documentation for a terminal, where backticks are only noise. */
export function plainQuotes(text: string): string {
  return text.replace(/`([^`]*)`/g, '"$1"');
}

// They start the proxy, so their settings matter there. Of the others one line is enough.
const STARTING: readonly string[] = ["proxy", "codex", "run"];
const SETTINGS_LINE = 'Settings, such as --auth-dir, can be given as options too: see "cdx2 help settings".';

const BOLD = "\x1b[1m";

/** Descriptions beside their terms, or below them where the terminal is narrow. */
export const HELP_LAYOUT: HelpConfiguration = {
  subcommandTerm: (command) => command.name(),
  // Wraps long descriptions at every width.
  minWidthToWrap: 1,
  formatHelp(command, helper) {
    const parts = plainQuotes(Help.prototype.formatHelp.call(helper, command, helper)).trimEnd().split(
      "\n\n",
    );
    const own = parts.filter((part) => !part.replace(BOLD, "").startsWith("Settings ("));
    const isStarting = STARTING.includes(command.name()) || own.length === parts.length;
    const width = helper.helpWidth ?? DEFAULT_COLUMNS;
    const line = wrapped({ text: SETTINGS_LINE, indent: 0 }, width).join("\n");
    return `${(isStarting ? parts : [...own, line]).join("\n\n")}\n`;
  },
  styleTitle: (title) => `\x1b[1m${title}\x1b[22m`,
  formatItem(term, termColumns, description, helper) {
    const columns = helper.helpWidth ?? DEFAULT_COLUMNS;
    if (columns - termColumns >= MIN_TEXT_COLUMNS + 4) {
      return Help.prototype.formatItem.call(helper, term, termColumns, description, helper);
    }
    const text = helper.boxWrap(description, columns - TEXT_INDENT);
    return `  ${term}\n${text.replace(/^/gm, " ".repeat(TEXT_INDENT))}`;
  },
};
