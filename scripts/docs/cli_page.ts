/**
 * docs/cli.md: every command, from the tree that the program itself uses, and what can go wrong.
 * @module
 */

import type { CommandUnknownOpts, Help, Option } from "@commander-js/extra-typings";
import { exampleLines, examplesOf } from "../../src/cli/help.ts";
import { allCommands } from "../../src/cli/commands.ts";
import { commandTree } from "../../src/cli/main.ts";
import { settingsHeading } from "../../src/cli/options.ts";
import { systemWorld } from "../../src/cli/world.ts";
import { SETTING_GROUPS, SETTINGS } from "../../src/config/settings_table.ts";
import { ERRORS, EXIT_CODES, REFUSALS } from "./errors.ts";
import { code, codeBlock, table } from "./markdown.ts";

export async function cliPage(): Promise<string> {
  const program = commandTree(systemWorld().terminal, await allCommands(), () => {});
  const commands = program.createHelp().visibleCommands(program);
  const sections = commands.map((command) => commandSections(command, `cdx2 ${command.name()}`));
  const settingFlags = Object.values(SETTINGS).flatMap(({ flag }) => flag ? [code(flag)] : []);
  return `# Commands

A command prints its answer to standard output and everything else to standard error. \`--quiet\` leaves only the answer
and errors. \`--json\` prints JSON; [json.md](json.md) describes it. Colour appears only on a terminal, and not with
\`--no-color\` or \`NO_COLOR\`. \`cdx2 --version\` prints the version, \`--help\` after any command shows its help. For a
mistyped command or option the error suggests the nearest one.

Most commands also take the flags of the [settings](configuration.md): ${settingFlags.join(", ")}.

${sections.join("\n")}
## Exit codes

${table(["Code", "Meaning"], EXIT_CODES)}

\`codex\` and \`run\` return the exit code of the program that they ran.

## Errors of the commands

One row for each situation; words in capitals stand for a value. A second line, \`hint: …\`, says what to do where that
is known.

${table(["Message", "Code", "What happened", "What to do"], ERRORS.map(errorRow))}

## Answers of the proxy

The proxy itself answers these, instead of the upstream: \`{"error":{"type","message"}}\`. The message says what happened
and what to do.

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
  const args = help.visibleArguments(command).map((argument) => [
    code(help.argumentTerm(argument)),
    help.argumentDescription(argument),
  ]);
  const options = help.visibleOptions(command).filter((option) => !isSetting(option)).map((option) => [
    code(help.optionTerm(option)),
    help.optionDescription(option),
  ]);
  return table([args.length > 0 ? "Argument or option" : "Option", "Meaning"], [...args, ...options]);
}

// They are the same everywhere, and have a page of their own.
function isSetting({ helpGroupHeading }: Option): boolean {
  return SETTING_GROUPS.some((group) => settingsHeading(group) === helpGroupHeading);
}

function errorRow({ says, exitCode, means, remedy }: (typeof ERRORS)[number]): readonly string[] {
  return [says.split(" · ").map(code).join(" · "), String(exitCode), means, remedy];
}

function refusalRow({ type, status, means, remedy }: (typeof REFUSALS)[number]): readonly string[] {
  return [code(type), status, means, remedy];
}
