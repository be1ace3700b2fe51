/**
 * Runs other programs on the terminal of this one.
 * @module
 */

import { osReason } from "../values/os_reason.ts";

/** How the environment of a child differs from that of this process. */
export interface EnvironmentChange {
  readonly set: Readonly<Record<string, string>>;
  /** Names that neither has from now on. */
  readonly without: readonly string[];
}

/** How a child ended: its exit code, or 128 + the number of the signal that ended it. */
export interface ChildExit {
  readonly code: number;
}

/** A child that shares this terminal. */
export interface ForegroundChild {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  /** Does nothing when the child has already ended. */
  signal(name: Deno.Signal): void;
}

/** A command could not be started. The message says why, without naming it. */
export class SpawnError extends Error {
  override readonly name = "SpawnError";
  constructor(readonly command: string, readonly reason: "not_found" | "not_executable", message: string) {
    super(message);
  }
}

/** What Deno throws when it cannot start a command. */
export function spawnErrorOf(command: string, thrown: unknown): SpawnError {
  if (thrown instanceof Deno.errors.NotFound) {
    return new SpawnError(command, "not_found", "there is no such command");
  }
  if (thrown instanceof Deno.errors.PermissionDenied) {
    return new SpawnError(command, "not_executable", "no permission to execute it");
  }
  return new SpawnError(command, "not_executable", osReason(String(thrown).split(": ").at(-1)!));
}

/** Starts a command. @throws {@link SpawnError} */
export function spawnForeground(
  command: string,
  args: readonly string[],
  { set, without }: EnvironmentChange,
): ForegroundChild {
  for (const name of without) Deno.env.delete(name);
  const child = started(command, args, set);
  return {
    pid: child.pid,
    exited: child.status.then(({ code }) => ({ code })),
    signal: (name) => {
      try {
        child.kill(name);
      } catch {
        // It has ended in the meantime; its exit is reported by `exited`.
      }
    },
  };
}

const SHELL = "/bin/sh";

function started(command: string, args: readonly string[], set: EnvironmentChange["set"]): Deno.ChildProcess {
  try {
    // The rest of the environment is inherited: Deno shows no variables whose bytes are not UTF-8.
    return new Deno.Command(command, {
      args: [...args],
      env: set,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (thrown) {
    const error = spawnErrorOf(command, thrown);
    // A shell runs a script whose first line does not say what does, as in execvp(3). Deno 2.9 does it by itself.
    if (error.message === "exec format error" && command !== SHELL) {
      return started(SHELL, ["-c", 'exec "$0" "$@"', command, ...args], set);
    }
    throw error;
  }
}
