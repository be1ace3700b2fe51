/**
 * The only place that prints errors and chooses their exit codes: what failed, then what to do about it.
 * @module
 */

import { CommanderError } from "@commander-js/extra-typings";
import { UserError } from "../values/user_error.ts";
import { redactText } from "../observability/redact.ts";
import { messageLines } from "../screen/output.ts";
import { FileError } from "../system/files.ts";
import { SpawnError } from "../system/foreground.ts";
import type { Environment } from "../system/process.ts";
import { COMMAND_LIST } from "./command_list.ts";
import { meantCommand } from "./synonyms.ts";
import { OutputError, type Terminal } from "../system/terminal.ts";

const EXIT_FAILED = 1;
const EXIT_WRONG_USAGE = 2;
// As in POSIX shells (Shell Command Language, 2.8.2 Exit Status for Commands).
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

// Only for programs: people get the help.
const NO_COMMAND = "The command line names no command";

interface Report {
  /** For programs. */
  readonly code: ErrorCode;
  /** `undefined` when there is nothing more to print, as after `--help`. */
  readonly message: string | undefined;
  readonly hint: string | undefined;
  readonly exitCode: number;
}

/** What the user typed, as far as it matters for an error. */
export interface Typed {
  /** The whole command line. */
  readonly args: readonly string[];
  /** The names of the commands below `cdx2` and below each group, by the path to it: `cdx2 auth`. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
}

const NOTHING_TYPED: Typed = { args: [], commands: new Map() };

/**
 * Prints an error for the user and returns the exit code. With `--json` it is on standard output as well. `CDX2_DEBUG`
 * adds the stack.
 */
export function reportError(
  error: unknown,
  terminal: Terminal,
  env: Environment,
  typed: Typed = NOTHING_TYPED,
): number {
  const { code, message, hint, exitCode } = reportOf(error, typed);
  // Where an answer cannot be written, its failure cannot either.
  if (wantsJson(typed) && exitCode !== 0 && !(error instanceof OutputError)) {
    const failure = { ok: false, error: { code, message: message ?? NO_COMMAND, hint: hint ?? null } };
    terminal.out(redactText(JSON.stringify(failure, null, 2), []) + "\n");
  }
  const stack = env["CDX2_DEBUG"] && error instanceof Error ? error.stack : undefined;
  const lines = [message, hint && `hint: ${hint}`, message && stack].filter((line) => line);
  if (lines.length > 0) terminal.err(`${shown(lines, terminal).join("\n")}\n`);
  return exitCode;
}

function shown(texts: readonly (string | undefined)[], terminal: Terminal): readonly string[] {
  const lines = redactText(texts.join("\n"), []).split("\n");
  return lines.flatMap((line) => messageLines(line, terminal));
}

/** The values of `error.code` with `--json`. `wrong_usage`: the command line or a setting; `internal`: a bug. */
export type ErrorCode = "failed" | "wrong_usage" | "file" | "not_executable" | "not_found" | "internal";

function wantsJson({ args }: Typed): boolean {
  return ownArgs(args).includes("--json");
}

const TAKES_NO_VALUE: ReadonlySet<string> = new Set(["--quiet", "--json", "--no-color"]);

/** Without what belongs to the program that a command starts: Codex gets every option that is not one of ours. */
function ownArgs(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  if (args[at] === "codex") return [];
  if (args[at] !== "run") return args;
  const after = args.slice(at + 1);
  const isValue = (index: number) =>
    /^--[^=]+$/.test(after[index - 1] ?? "") && !TAKES_NO_VALUE.has(after[index - 1]!);
  const ends = after.findIndex((arg, index) => arg === "--" || !arg.startsWith("-") && !isValue(index));
  return ends === -1 ? args : args.slice(0, at + 1 + ends);
}

function reportOf(error: unknown, typed: Typed): Report {
  if (error instanceof UserError) {
    const { message, hint, exitCode } = error;
    return { code: exitCode === EXIT_WRONG_USAGE ? "wrong_usage" : "failed", message, hint, exitCode };
  }
  if (error instanceof CommanderError) return usageReport(error, typed);
  if (error instanceof FileError) {
    return { code: "file", message: error.message, hint: undefined, exitCode: EXIT_FAILED };
  }
  if (error instanceof SpawnError) return spawnReport(error);
  if (error instanceof OutputError) {
    const message = `Cannot write the output: ${error.message}`;
    return { code: "file", message, hint: undefined, exitCode: EXIT_FAILED };
  }
  return {
    code: "internal",
    message: `Unexpected ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    hint: "this is a bug in cdx2: please report it with the output of CDX2_DEBUG=1",
    exitCode: EXIT_FAILED,
  };
}

function nothing(exitCode: number): Report {
  return { code: "wrong_usage", message: undefined, hint: undefined, exitCode };
}

// Commander's message is "error: what is wrong", sometimes followed by a line "(Did you mean …?)".
function usageReport({ code, exitCode, message }: CommanderError, typed: Typed): Report {
  if (exitCode === 0) return nothing(exitCode);
  if (code === "commander.help") return nothing(EXIT_WRONG_USAGE);
  const [, what = message, suggestion] = /^error: (.*?)\.?(?:\n\((.*)\))?$/s.exec(message) ?? [];
  const path = pathOf(typed);
  const meant = meantLine({ code, what, suggestion, path }, typed);
  return {
    code: "wrong_usage",
    message: what.charAt(0).toUpperCase() + what.slice(1),
    hint: meant === undefined ? `"${path} --help" shows what it takes` : `did you mean "${meant}"?`,
    exitCode: EXIT_WRONG_USAGE,
  };
}

interface UsageFault {
  /** Commander's. */
  readonly code: string;
  readonly what: string;
  readonly suggestion: string | undefined;
  readonly path: string;
}

/** The whole command line that was probably meant; `undefined` when nothing is near. */
function meantLine({ code, what, suggestion, path }: UsageFault, { commands }: Typed): string | undefined {
  switch (code) {
    case "commander.unknownCommand":
      return meantCommand(/'(.*)'/s.exec(what)?.[1] ?? "", path, commands.get(path) ?? []);
    case "commander.excessArguments": {
      // As other tools have it: "proxy stop", "reset work".
      const word = /: (\S+)/.exec(what)?.[1] ?? "";
      if (path === "cdx2 reset") return `cdx2 reset --name ${word}`;
      if (path !== "cdx2 proxy") return undefined;
      return Object.hasOwn(COMMAND_LIST, word) ? `cdx2 ${word}` : meantCommand(word, "cdx2", []);
    }
    case "commander.unknownOption": {
      const option = /^Did you mean (-\S+)\?$/.exec(suggestion ?? "")?.[1];
      return option && `${path} ${option}`;
    }
    default:
      return undefined;
  }
}

/** The command that was named, as far as it exists: `cdx2 auth`. */
function pathOf({ args, commands }: Typed): string {
  let path = "cdx2";
  for (const word of args.filter((arg) => !arg.startsWith("-"))) {
    if (!commands.get(path)?.includes(word)) break;
    path = `${path} ${word}`;
  }
  return path;
}

function spawnReport({ command, reason, message }: SpawnError): Report {
  const isMissingCodex = reason === "not_found" && /(^|\/)codex$/.test(command);
  return {
    code: reason,
    message: `Cannot run ${command}: ${message}`,
    hint: isMissingCodex
      ? 'install it with "npm i -g @openai/codex", or set CDX2_CODEX_BIN to its path'
      : undefined,
    exitCode: reason === "not_found" ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE,
  };
}
