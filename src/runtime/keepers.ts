/**
 * What the worker keeps in the auth dir while it serves, logs aside.
 * @module
 */

import type { KeyPool } from "../auth/rotation.ts";
import type { Policy } from "../config/policy.ts";
import { runtimePaths } from "../config/paths.ts";
import type { Settings } from "../config/settings_table.ts";
import { accountsNow } from "../proxy/account_view.ts";
import { affinityKeeper } from "./affinity_keeper.ts";
import { type KeptFilePlace, saveAfterEachChange } from "./kept_file.ts";
import { LineKeeper } from "./line_keeper.ts";
import type { WorkerStart } from "./sandbox.ts";
import { stateKeeper } from "./state_keeper.ts";

/** Which proxy it is. */
export interface KeptProxy extends Pick<WorkerStart, "service"> {
  /** The rotation policy in force, and the folder. */
  readonly settings: Policy & Pick<Settings, "authDir">;
}

/** Writes the file for `all --line`, once somebody has asked for the states of the keys. */
export function keepLine(
  { settings, service }: KeptProxy,
  pool: KeyPool,
  { files, clock }: Pick<KeptFilePlace, "files" | "clock">,
): LineKeeper {
  const { lineFile } = runtimePaths(settings.authDir);
  return new LineKeeper({
    clock,
    by: { pid: service.pid, startedAt: service.startedAt },
    look: () => accountsNow({ pool, policy: settings, nowMs: clock.nowMs() }),
    write: (text) => files.writeAtomic(lineFile, text),
  });
}

/**
 * Writes the state file and the sessions file after changes of the pool, and the state file when told to `save`. Ends when
 * the last state is written. `port`: the one that it listens on.
 */
export function keepState(
  { settings, service }: KeptProxy,
  pool: KeyPool,
  { port, ...place }: Omit<KeptFilePlace, "path"> & { readonly port: number },
): AsyncDisposable & { readonly save: () => void } {
  const { stateFile, sessionsFile } = runtimePaths(settings.authDir);
  const state = stateKeeper({ ...place, path: stateFile }, { service: { ...service, port }, pool });
  const sessions = affinityKeeper({ ...place, path: sessionsFile }, pool.affinity);
  state.save();
  void saveAfterEachChange(state, pool);
  void saveAfterEachChange(sessions, pool.affinity);
  return {
    save: () => state.save(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([state.flush(), sessions.flush()]);
    },
  };
}
