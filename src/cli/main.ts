/**
 * The command tree. Commands are declared in files of their own; what they share is settled here: help, colour,
 * errors, exit codes.
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { exitProcess } from "../system/process.ts";
import { declareAll } from "./all/command.ts";
import { declareAuth } from "./auth/command.ts";
import { declareCodex } from "./codex/command.ts";
import { declareCompletions } from "./completions/command.ts";
import { declareDoctor } from "./doctor/command.ts";
import { declareLogs } from "./logs/command.ts";
import { declareProxy } from "./proxy/command.ts";
import { declareReset } from "./reset/command.ts";
import { declareRun } from "./run/command.ts";
import { declareRunServer } from "./run_server/command.ts";
import { declareStatus } from "./status/command.ts";
import { declareStop } from "./stop/command.ts";
import { declareTrace } from "./trace/command.ts";
import type { Context } from "./context.ts";
import { reportError } from "./errors.ts";
import { addExamples, HELP_LAYOUT } from "./help.ts";
import { noColourOption } from "./options.ts";
import { VERSION } from "./version.ts";
import { systemWorld, type World } from "./world.ts";

interface CommandRow {
  readonly name: string;
  /** The heading in the help; absent for what nobody types. */
  readonly group?: string;
  readonly declare: (command: Command, context: Context) => void;
}

const COMMANDS: readonly CommandRow[] = [
  { name: "proxy", group: "The proxy:", declare: declareProxy },
  { name: "status", group: "The proxy:", declare: declareStatus },
  { name: "stop", group: "The proxy:", declare: declareStop },
  { name: "codex", group: "Its clients:", declare: declareCodex },
  { name: "run", group: "Its clients:", declare: declareRun },
  { name: "trace", group: "What it does:", declare: declareTrace },
  { name: "logs", group: "What it does:", declare: declareLogs },
  { name: "all", group: "Its keys:", declare: declareAll },
  { name: "auth", group: "Its keys:", declare: declareAuth },
  { name: "doctor", group: "Its keys:", declare: declareDoctor },
  { name: "reset", group: "Its keys:", declare: declareReset },
  { name: "completions", group: "The shell:", declare: declareCompletions },
  { name: "run-server", declare: declareRunServer },
];

const EXIT_CODES = `
Exit codes:
  0 done, 1 failed, 2 wrong usage or settings,
  130 interrupted; codex and run: their program's`;

/** Runs the program and ends the process. */
export async function run(args: readonly string[]): Promise<never> {
  exitProcess(await exitCodeOf(args, systemWorld()));
}

/** Runs one command line. */
export async function exitCodeOf(args: readonly string[], world: World): Promise<number> {
  let exitCode = 0;
  const context = { world, exit: (code: number) => void (exitCode = code) };
  try {
    await commandTree(context).parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return reportError(error, world.terminal, world.env);
  }
}

export function commandTree(context: Context): Command {
  const { terminal } = context.world;
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
  for (const { name, group, declare } of COMMANDS) {
    const command = program.command(name, { hidden: group === undefined });
    if (group) command.helpGroup(group);
    declare(command, context);
  }
  addExamples(
    program,
    ["start the proxy, and see where it is", "cdx2 proxy"],
    ["run Codex through it", 'cdx2 codex exec "say hi"'],
    ["see what it does", "cdx2 trace"],
  );
  return program.addHelpText("after", EXIT_CODES);
}
