/**
 * The keys as the next start of the proxy would find them: the auth files, with the penalties that the last run saved.
 * @module
 */

import { loadAuthDir } from "../../auth/store.ts";
import { KeyPool } from "../../auth/rotation.ts";
import { runtimePaths } from "../../config/paths.ts";
import { accountView } from "../../proxy/account_view.ts";
import type { ServiceDeps } from "../../runtime/observe.ts";
import { readSavedKey } from "../../runtime/saved_key.ts";
import { readState } from "../../runtime/state_file.ts";
import { restoreKeys } from "../../runtime/state_keeper.ts";
import { FileError } from "../../system/files.ts";
import type { Account } from "../../api/account.ts";

/** As `/health` would show them; none when the auth dir cannot be read. Nothing is changed. */
export async function savedAccounts({ files, clock, resolved }: ServiceDeps): Promise<readonly Account[]> {
  const { settings } = resolved;
  try {
    const { records } = await loadAuthDir(files, settings.authDir);
    const text = await files.readText(runtimePaths(settings.authDir).stateFile).catch(() => "");
    const reading = readState(text);
    const saved = reading.kind === "state" ? reading.keys.flatMap((entry) => readSavedKey(entry) ?? []) : [];
    const nowMs = clock.nowMs();
    const pool = new KeyPool(settings, () => {});
    pool.merge(records, nowMs);
    restoreKeys(pool, records, saved, nowMs);
    return pool.describe(nowMs).map((report) => accountView(report, settings, nowMs));
  } catch (error) {
    if (error instanceof FileError) return [];
    throw error;
  }
}
