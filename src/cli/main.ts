/**
 * The command tree. Commands are declared in files of their own; what they share is settled here: help, colour,
 * errors, exit codes.
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { exitProcess } from "../system/process.ts";
import type { Terminal } from "../system/terminal.ts";
import { allCommand } from "./all/command.ts";
import { authCommand } from "./auth/command.ts";
import { codexCommand } from "./codex/command.ts";
import { addCommand, type CliCommand, type OnMatch, type Run } from "./command.ts";
import { completionsCommand } from "./completions/command.ts";
import { doctorCommand } from "./doctor/command.ts";
import { reportError } from "./errors.ts";
import { addExamples, HELP_LAYOUT } from "./help.ts";
import { logsCommand } from "./logs/command.ts";
import { noColourOption } from "./options.ts";
import { proxyCommand } from "./proxy/command.ts";
import { resetCommand } from "./reset/command.ts";
import { runCommand } from "./run/command.ts";
import { runServerCommand } from "./run_server/command.ts";
import { statusCommand } from "./status/command.ts";
import { stopCommand } from "./stop/command.ts";
import { traceCommand } from "./trace/command.ts";
import { VERSION } from "./version.ts";
import { systemWorld, type World } from "./world.ts";

/** In the order of the help. */
const COMMANDS: readonly CliCommand[] = [
  proxyCommand,
  statusCommand,
  stopCommand,
  codexCommand,
  runCommand,
  traceCommand,
  logsCommand,
  allCommand,
  authCommand,
  doctorCommand,
  resetCommand,
  completionsCommand,
  runServerCommand,
];

const EXIT_CODES = `
Exit codes:
  0 done, 1 failed, 2 wrong usage or settings,
  130 interrupted; codex and run: their program's`;

/** Runs the program and ends the process. */
export async function run(args: readonly string[]): Promise<never> {
  exitProcess(await exitCodeOf(args, systemWorld()));
}

/** Runs one command line and resolves with the exit code. Errors are printed. */
export async function exitCodeOf(args: readonly string[], world: World): Promise<number> {
  // commander throws when it finds nothing to run, as after `--help`.
  let run: Run = () => Promise.resolve(0);
  try {
    commandTree(world.terminal, (match) => run = match).parse(args, { from: "user" });
    return await run(world);
  } catch (error) {
    return reportError(error, world.terminal, world.env);
  }
}

/** All commands, as commander's tree: it parses command lines, and help, docs and completions are made from it. */
export function commandTree(terminal: Pick<Terminal, "out" | "err">, onMatch: OnMatch): Command {
  const program = new Command("cdx2")
    .description(
      "A local proxy that gives each request of Codex, or of another OpenAI client, one of your keys.",
    )
    .version(VERSION, "-V, --version", "Print the version.")
    .helpOption("-h, --help", "Explain a command.")
    .helpCommand(false)
    .configureHelp(HELP_LAYOUT)
    .addOption(noColourOption())
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      // They are thrown as well, and reported where all errors are.
      outputError: () => {},
    });
  for (const command of COMMANDS) addCommand(program, command, onMatch);
  addExamples(
    program,
    ["start the proxy, and see where it is", "cdx2 proxy"],
    ["run Codex through it", 'cdx2 codex exec "say hi"'],
    ["see what it does", "cdx2 trace"],
  );
  return program.addHelpText("after", EXIT_CODES);
}
