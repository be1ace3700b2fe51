/**
 * Runs other programs on the terminal of this one.
 * @module
 */

import { osReason } from "../values/os_reason.ts";

type Environment = Readonly<Record<string, string>>;

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

/**
 * Starts a command with this environment, and those variables of this process whose bytes are not UTF-8: Deno does not
 * show them, but lets a child inherit them. @throws {@link SpawnError}
 */
export function spawnForeground(command: string, args: readonly string[], env: Environment): ForegroundChild {
  const child = withoutOthers(env, () => started(command, args, env));
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

/** Meanwhile this process has no variables that are not in `env`. */
function withoutOthers<T>(env: Environment, act: () => T): T {
  const others = Object.entries(Deno.env.toObject()).filter(([name]) => !(name in env));
  for (const [name] of others) Deno.env.delete(name);
  try {
    return act();
  } finally {
    for (const [name, value] of others) Deno.env.set(name, value);
  }
}

const SHELL = "/bin/sh";

function started(command: string, args: readonly string[], env: Environment): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      env,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (thrown) {
    const error = spawnErrorOf(command, thrown);
    // A shell runs a script whose first line does not say what does, as in execvp(3). Deno 2.9 does it by itself.
    if (error.message === "exec format error" && command !== SHELL) {
      return started(SHELL, ["-c", 'exec "$0" "$@"', command, ...args], env);
    }
    throw error;
  }
}
