/**
 * Runs another program in the foreground: on the same terminal, with the same signals, until it exits.
 * @module
 */

import { SETTINGS } from "../config/settings_table.ts";
import type { ForegroundChild } from "../system/foreground.ts";
import { ENDING_SIGNALS, type Environment, type SignalName } from "../system/process.ts";
import type { World } from "./world.ts";

// Sent by Ctrl-C and Ctrl-\ to all programs that a terminal has in the foreground.
const OF_KEYS: readonly SignalName[] = ["SIGINT", "SIGQUIT"];

/**
 * Resolves with the program's exit code. The program gets `env` without the management keys, which no client needs.
 * @throws {@link SpawnError} when it cannot be started
 */
export async function runForeground(
  { processes, terminal }: Pick<World, "processes" | "terminal">,
  [command, ...args]: readonly [string, ...string[]],
  env: Environment,
): Promise<number> {
  const { managementKey, remoteManagementKey } = SETTINGS;
  const { [managementKey.environment]: _, [remoteManagementKey.environment]: _remote, ...passed } = env;
  let child: ForegroundChild | undefined;
  // From before the program begins: a signal without a listener would end this process, and leave the program behind.
  const unsubscribe = ENDING_SIGNALS.map((name) =>
    processes.onSignal(name, () => {
      const hasIt = OF_KEYS.includes(name) && (processes.getsKeySignals() ?? terminal.inIsTerminal);
      // A second Ctrl-C would make it give up at once.
      if (!hasIt) child?.signal(name);
    })
  );
  try {
    child = processes.spawnForeground(command, args, passed);
    return (await child.exited).code;
  } finally {
    for (const stop of unsubscribe) stop();
  }
}
