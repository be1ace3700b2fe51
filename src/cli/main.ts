/**
 * The command tree, and how a command line becomes an exit code. Each command is a value in a folder of its own.
 * @module
 */

import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitProcess } from "../system/own_run.ts";
import type { Terminal } from "../system/terminal.ts";
import {
  addCommand,
  type CliCommand,
  type Line,
  noColourOption,
  type OnMatch,
  type Run,
} from "./command_tree.ts";
import { commandsFor, describesOthers } from "./commands.ts";
import { addExamples, HELP_LAYOUT } from "./help.ts";
import { VERSION } from "./version.ts";
import { systemWorld, type World } from "./world.ts";

const EXIT_CODES = `
Exit codes:
  0 done, 1 failed,
  2 wrong usage or settings,
  130 interrupted; codex and run return
  the exit code of their program`;

/** Runs the program and ends the process. */
export async function run(args: readonly string[]): Promise<never> {
  exitProcess(await exitCodeOf(args, systemWorld()));
}

/** Runs one command line and resolves with the exit code. Errors are printed. */
export async function exitCodeOf(args: readonly string[], world: World): Promise<number> {
  // commander throws when it finds nothing to run, as after `--help`.
  let run: Run = () => Promise.resolve(0);
  let tree: Command | undefined;
  try {
    const commands = await commandsFor(args);
    const onMatch: OnMatch = (match) => run = match;
    tree = commandTree(world.terminal, commands, onMatch, {
      isStyled: isStyled(args, world),
      line: describesOthers(args) ? undefined : args,
    });
    tree.parse(args, { from: "user" });
    return await run(world);
  } catch (error) {
    // Help is an error, too, for commander; all other commands do without.
    const { reportError } = await import("./errors.ts");
    return reportError(error, world.terminal, world.env, { args, commands: namesIn(tree) });
  }
}

function isStyled(args: readonly string[], { env }: World): boolean {
  return !env["NO_COLOR"] && env["TERM"] !== "dumb" && !args.includes("--no-color");
}

/** The names of the commands below each command that has some, by the path to it. */
function namesIn(command: CommandUnknownOpts | undefined, path = "cdx2"): Map<string, readonly string[]> {
  const inner = command?.createHelp().visibleCommands(command) ?? [];
  const below = inner.flatMap((one) => [...namesIn(one, `${path} ${one.name()}`)]);
  return new Map([...(inner.length > 0 ? [[path, inner.map((one) => one.name())] as const] : []), ...below]);
}

/** How {@link commandTree} makes the tree. */
export interface TreeOptions {
  /** Absent: without headings in bold. */
  readonly isStyled?: boolean;
  /** Absent: with all options, else with those that it takes to understand this line. */
  readonly line?: Line | undefined;
}

/** The commands as commander's tree: it parses command lines, and help, docs and completions are made from it. */
export function commandTree(
  terminal: Pick<Terminal, "out" | "err" | "outIsTerminal" | "errIsTerminal">,
  commands: readonly CliCommand[],
  onMatch: OnMatch,
  { isStyled = false, line }: TreeOptions = {},
): Command {
  const program = new Command("cdx2")
    .description(
      "A local proxy for Codex and other OpenAI clients. It sends each request with one of your keys.",
    )
    .version(VERSION, "-V, --version", "Print the version.")
    .helpOption("-h, --help", "Show help.")
    .helpCommand(false)
    .configureHelp(HELP_LAYOUT)
    .addOption(noColourOption())
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHasColors: () => isStyled && terminal.outIsTerminal,
      getErrHasColors: () => isStyled && terminal.errIsTerminal,
      // commander throws its errors as well; errors.ts prints them.
      outputError: () => {},
    });
  for (const command of commands) addCommand(program, command, onMatch, line);
  addExamples(
    program,
    ["start the proxy and see its address", "cdx2 proxy"],
    ["run Codex through the proxy", 'cdx2 codex exec "say hi"'],
    ["watch the requests", "cdx2 trace"],
  );
  return program.addHelpText("after", EXIT_CODES);
}
