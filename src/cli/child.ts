/**
 * Runs another program in the foreground: on the same terminal, with the same signals, until it exits.
 * @module
 */

import type { Environment, SignalName } from "../system/process.ts";
import type { World } from "./world.ts";

const FORWARDED: readonly SignalName[] = ["SIGTERM", "SIGHUP", "SIGINT"];

/** Resolves with the program's exit code. @throws {@link SpawnError} when it cannot be started */
export async function runForeground(
  { processes, terminal }: Pick<World, "processes" | "terminal">,
  [command, ...args]: readonly [string, ...string[]],
  env: Environment,
): Promise<number> {
  const child = processes.spawnForeground(command, args, env);
  const unsubscribe = FORWARDED.map((name) =>
    processes.onSignal(name, () => {
      // A terminal has already sent Ctrl-C to the child; a second one would make it give up at once.
      if (name !== "SIGINT" || !terminal.inIsTerminal) child.signal(name);
    })
  );
  const { code } = await child.exited;
  for (const stop of unsubscribe) stop();
  return code;
}
