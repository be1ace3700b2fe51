/**
 * The only place that prints errors and chooses their exit codes: what failed, then what to do about it.
 * @module
 */

import { CommanderError } from "@commander-js/extra-typings";
import { UserError } from "../values/user_error.ts";
import { redactText } from "../observability/redact.ts";
import { FileError } from "../system/files.ts";
import { type Environment, SpawnError } from "../system/process.ts";
import type { Terminal } from "../system/terminal.ts";

const EXIT_FAILED = 1;
const EXIT_WRONG_USAGE = 2;
// As in POSIX shells (Shell Command Language, 2.8.2 Exit Status for Commands).
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

interface Report {
  /** `undefined` when there is nothing more to print, as after `--help`. */
  readonly message: string | undefined;
  readonly hint: string | undefined;
  readonly exitCode: number;
}

/** Prints an error for the user and returns the exit code. `CDX2_DEBUG` adds the stack. */
export function reportError(error: unknown, terminal: Terminal, env: Environment): number {
  const { message, hint, exitCode } = reportOf(error);
  const stack = env["CDX2_DEBUG"] && error instanceof Error ? error.stack : undefined;
  const lines = [message, hint && `hint: ${hint}`, message && stack].filter((line) => line);
  if (lines.length > 0) terminal.err(redactText(lines.join("\n"), []) + "\n");
  return exitCode;
}

function reportOf(error: unknown): Report {
  if (error instanceof UserError) return error;
  if (error instanceof CommanderError) return usageReport(error);
  if (error instanceof FileError) return { message: error.message, hint: undefined, exitCode: EXIT_FAILED };
  if (error instanceof SpawnError) return spawnReport(error);
  return {
    message: `Unexpected ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    hint: "this is a bug in cdx2: please report it with the output of CDX2_DEBUG=1",
    exitCode: EXIT_FAILED,
  };
}

function nothing(exitCode: number): Report {
  return { message: undefined, hint: undefined, exitCode };
}

// Commander's message is "error: what is wrong", sometimes followed by a line "(Did you mean …?)".
function usageReport({ code, exitCode, message }: CommanderError): Report {
  if (exitCode === 0) return nothing(exitCode);
  if (code === "commander.help") return nothing(EXIT_WRONG_USAGE);
  const [, what = message, suggestion] = /^error: (.*?)\.?(?:\n\((.*)\))?$/s.exec(message) ?? [];
  return {
    message: what.charAt(0).toUpperCase() + what.slice(1),
    hint: suggestion?.replace(/^D/, "d") ?? "run it with --help to see what it takes",
    exitCode: EXIT_WRONG_USAGE,
  };
}

function spawnReport({ command, reason }: SpawnError): Report {
  const isCodex = /(^|\/)codex$/.test(command);
  return reason === "not_executable"
    ? {
      message: `Cannot run ${command}: no permission to execute it`,
      hint: undefined,
      exitCode: EXIT_NOT_EXECUTABLE,
    }
    : {
      message: `Cannot run ${command}: there is no such command`,
      hint: isCodex
        ? "install it with `npm i -g @openai/codex`, or set CDX2_CODEX_BIN to its path"
        : undefined,
      exitCode: EXIT_NOT_FOUND,
    };
}
