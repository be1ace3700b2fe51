/**
 * Runs a command in the place of this one: on the same terminal, with the same signals, ending with its exit code.
 * @module
 */

import type { Environment, SignalName } from "../system/process.ts";
import type { World } from "./world.ts";

const FORWARDED: readonly SignalName[] = ["SIGTERM", "SIGHUP", "SIGINT"];

/** Resolves with the exit code. @throws CannotRun */
export async function runInPlace(
  { processes, terminal }: Pick<World, "processes" | "terminal">,
  [command, ...args]: readonly [string, ...string[]],
  env: Environment,
): Promise<number> {
  const child = processes.spawnForeground(command, args, env);
  const forget = FORWARDED.map((name) =>
    processes.onSignal(name, () => {
      // A terminal has sent Ctrl-C to the child as well: a second one would make it give up at once.
      if (name !== "SIGINT" || !terminal.inIsTerminal) child.signal(name);
    })
  );
  const { code } = await child.exited;
  for (const act of forget) act();
  return code;
}
