/**
 * docs/cli.md: every command, from the tree that the program itself uses, and what can go wrong.
 * @module
 */

import type { CommandUnknownOpts, Help, Option } from "@commander-js/extra-typings";
import { exampleLines, examplesOf } from "../../src/cli/help.ts";
import { commandTree } from "../../src/cli/main.ts";
import { SETTINGS_GROUP } from "../../src/cli/options.ts";
import { systemWorld } from "../../src/cli/world.ts";
import { SETTINGS } from "../../src/config/settings_table.ts";
import { ERRORS, EXIT_CODES, REFUSALS } from "./errors.ts";
import { code, codeBlock, table } from "./markdown.ts";

export function cliPage(): string {
  const program = commandTree(systemWorld().terminal, () => {});
  const commands = program.createHelp().visibleCommands(program);
  const sections = commands.map((command) => commandSections(command, `cdx2 ${command.name()}`));
  const settingFlags = Object.values(SETTINGS).flatMap(({ flag }) => flag ? [code(flag)] : []);
  return `# Commands

The answer of a command goes to standard output, all that is said beside it to standard error; \`--quiet\` keeps the
latter in, but for errors. \`--json\` answers with JSON, as [json.md](json.md) has it. Colour appears only on a terminal,
and not after \`--no-color\` or with \`NO_COLOR\` set. \`cdx2 --version\` prints the version, \`--help\` behind any command
explains it; a word or option that is nearly right gets a suggestion.

Most commands also take the flags of the [settings](configuration.md): ${settingFlags.join(", ")}.

${sections.join("\n")}
## Exit codes

${table(["Code", "Meaning"], EXIT_CODES)}

\`codex\` and \`run\` end with the code of the program that they ran.

## Errors of the commands

One row for each situation; words in capitals stand for a value. A second line, \`hint: …\`, says what to type where that
is known.

${table(["Message", "Code", "What happened", "What to do"], ERRORS.map(errorRow))}

## Answers of the proxy

What the proxy answers by itself, in the place of the upstream: \`{"error":{"type","message"}}\`. Its message says what
happened and what to type.

${table(["Type", "Status", "What happened", "What to do"], REFUSALS.map(refusalRow))}

A management endpoint answers \`{"error":"…"}\`: 401 without the right management key, 405 with \`Allow\` for another
method, 400 for a query that it does not understand.

This page is generated from the tree of commands and \`scripts/docs/errors.ts\` by \`deno run -A scripts/docs.ts\`.
`;
}

function commandSections(command: CommandUnknownOpts, place: string): string {
  const help = command.createHelp();
  return [
    `${"#".repeat(place.split(" ").length)} ${place}\n`,
    `${command.description()}\n`,
    `${codeBlock("", [help.commandUsage(command)])}\n`,
    `${optionTable(command, help)}\n`,
    ...(command.options.some(isSetting) ? ["And the flags of the settings.\n"] : []),
    `${codeBlock("sh", exampleLines(examplesOf(command)))}\n`,
    ...help.visibleCommands(command).map((inner) => commandSections(inner, `${place} ${inner.name()}`)),
  ].join("\n");
}

function optionTable(command: CommandUnknownOpts, help: Help): string {
  const words = help.visibleArguments(command).map((word) => [
    code(help.argumentTerm(word)),
    help.argumentDescription(word),
  ]);
  const options = help.visibleOptions(command).filter((option) => !isSetting(option)).map((option) => [
    code(help.optionTerm(option)),
    help.optionDescription(option),
  ]);
  return table([words.length > 0 ? "Word or option" : "Option", "Meaning"], [...words, ...options]);
}

// They are the same everywhere, and have a page of their own.
function isSetting({ helpGroupHeading }: Option): boolean {
  return helpGroupHeading === SETTINGS_GROUP;
}

function errorRow({ says, exitCode, means, remedy }: (typeof ERRORS)[number]): readonly string[] {
  return [says.split(" · ").map(code).join(" · "), String(exitCode), means, remedy];
}

function refusalRow({ type, status, means, remedy }: (typeof REFUSALS)[number]): readonly string[] {
  return [code(type), status, means, remedy];
}
