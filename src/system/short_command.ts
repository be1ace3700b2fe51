/**
 * Runs a command that reads a text and is expected to end soon.
 * @module
 */

import type { Environment } from "./process.ts";

/** How such a command ended. `not_started`: there is no such program, or it may not be run. */
export type ShortCommandEnd = "succeeded" | "failed" | "timed_out" | "not_started";

/** A command and what it gets. */
export interface ShortCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** All of its environment. */
  readonly env: Environment;
  /** On its standard input. */
  readonly input: string;
  /** When it is killed, with all that it has started. */
  readonly timeoutMs: number;
}

/** Never rejects. What the command prints is discarded. */
export type RunShortCommand = (command: ShortCommand) => Promise<ShortCommandEnd>;

/** Runs it, in a session of its own. */
export const runShortCommand: RunShortCommand = async ({ command, args, env, input, timeoutMs }) => {
  const child = started(command, args, env);
  if (!child) return "not_started";
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child);
  }, timeoutMs);
  // It need not read it.
  const written = new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
  const { success } = await child.status;
  clearTimeout(timer);
  await written;
  return isLate ? "timed_out" : success ? "succeeded" : "failed";
};

function started(command: string, args: readonly string[], env: Environment): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command(command, {
      args: [...args],
      env,
      clearEnv: true,
      detached: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch {
    return undefined;
  }
}

// As a session leader it has the number of its process group.
function killGroup(child: Deno.ChildProcess): void {
  for (const pid of [-child.pid, child.pid]) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended, or the system has no process groups.
    }
  }
}
