/**
 * Keeps the state file up to date, so that a proxy that was killed still knows which keys have penalties. One write runs
 * at a time; changes in the meantime go into the next one. Requests never wait for it.
 * @module
 */

import { fingerprint } from "../auth/fingerprint.ts";
import { HEALTHY } from "../auth/key_state.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { Secret } from "../values/secret.ts";
import type { Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import { FileError, type Files } from "../system/files.ts";
import type { ServiceRecord } from "./process_record.ts";
import { readSavedKey, type SavedKey } from "./saved_key.ts";
import { readState, type StateReading, writeState } from "./state_file.ts";

/** What the state keeper needs. */
export interface StateKeeperOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly stateFile: string;
  readonly pool: KeyPool;
  readonly publish: Publish;
}

/** The penalties that an earlier run saved. A file that cannot be used is renamed, and an event says so. */
export async function readSavedKeys(options: Omit<StateKeeperOptions, "pool">): Promise<readonly SavedKey[]> {
  const { files, clock, stateFile, publish } = options;
  const reading = await readStateFile(files, stateFile);
  if (reading === undefined) return [];
  if (reading.kind === "state") return reading.keys.flatMap((entry) => readSavedKey(entry) ?? []);
  const asideFile = `${stateFile}.set-aside`;
  const isAside = await files.rename(stateFile, asideFile).then(() => true, () => false);
  const message = `the state file cannot be used: ${reading.reason}; ` +
    `it ${isAside ? "was" : "could not be"} set aside and all keys start without penalties`;
  const fields = isAside ? { file: asideFile } : {};
  publish({ atMs: clock.nowMs(), level: "warning", event: "state.set_aside", message, fields });
  return [];
}

/** `undefined` when there is no such file. */
async function readStateFile(files: Files, stateFile: string): Promise<StateReading | undefined> {
  try {
    return readState(await files.readText(stateFile));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return error.code === "not_found" ? undefined : { kind: "unusable", reason: error.message };
  }
}

/** Gives keys of the pool the health that was saved for the same token. */
export function restoreKeys(
  pool: KeyPool,
  records: readonly AuthRecord[],
  saved: readonly SavedKey[],
): void {
  for (const { file, tokenHash, health } of saved) {
    const record = records.find((candidate) => candidate.file === file);
    if (record && fingerprint(record.token) === tokenHash) pool.restore(file, health);
  }
}

/** Writes the state file. */
export class StateKeeper {
  readonly #options: StateKeeperOptions;
  readonly #service: ServiceRecord;
  readonly #hashes = new WeakMap<Secret, string>();
  #isStale = false;
  #writing: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: StateKeeperOptions, service: ServiceRecord) {
    this.#options = options;
    this.#service = service;
  }

  /** Writes the present state soon. Never throws, never waits. */
  save(): void {
    this.#isStale = true;
    this.#writing ??= this.#writeUntilFresh();
  }

  /** Resolves when the present state is in the file, or could not be written. */
  async flush(): Promise<void> {
    this.save();
    await this.#writing;
  }

  async #writeUntilFresh(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      await this.#write();
    }
    this.#writing = undefined;
  }

  async #write(): Promise<void> {
    const { files, stateFile } = this.#options;
    try {
      await files.writeAtomic(stateFile, writeState({ service: this.#service, keys: this.#keys() }));
      this.#isFailing = false;
    } catch (error) {
      this.#report(error instanceof Error ? error.message : String(error));
    }
  }

  #keys(): SavedKey[] {
    const reports = this.#options.pool.describe(this.#options.clock.nowMs());
    const marked = reports.filter(({ health }) => health !== HEALTHY);
    return marked.map(({ record, health }) => ({
      file: record.file,
      tokenHash: this.#hashOf(record.token),
      health,
    }));
  }

  #hashOf(token: Secret): string {
    const known = this.#hashes.get(token);
    if (known !== undefined) return known;
    const hash = fingerprint(token);
    this.#hashes.set(token, hash);
    return hash;
  }

  // A full disk is reported once, not at every change.
  #report(reason: string): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const message = `penalties cannot be saved and would be lost by a restart: ${reason}`;
    const { clock, publish } = this.#options;
    publish({ atMs: clock.nowMs(), level: "error", event: "state.not_saved", message, fields: {} });
  }
}
