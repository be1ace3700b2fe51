/**
 * The file with the keys of clients: how commands change it, and how the running proxy follows it.
 * @module
 */

import {
  type ClientKey,
  type ClientKeysReading,
  needsClientKey,
  readClientKeys,
  writeClientKeys,
} from "../config/client_keys.ts";
import { runtimePaths } from "../config/paths.ts";
import type { Settings } from "../config/settings_table.ts";
import type { Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import { FileError, type FileLock, type Files } from "../system/files.ts";
import { UserError } from "../values/user_error.ts";

// Removing a client takes effect within this time.
const LOOK_EVERY_MS = 1_000;
// Another command writes the file in a few milliseconds.
const LOCK_WAIT_MS = 2_000;
const LOCK_POLL_MS = 20;

/**
 * The clients of an auth dir. @throws {@link UserError} when the file cannot be read; then no client may be let in
 */
export async function clientKeysIn(files: Files, authDir: string): Promise<readonly ClientKey[]> {
  const { clientsFile } = runtimePaths(authDir);
  const reading = await readFile(files, clientsFile);
  if (reading.kind === "keys") return reading.keys;
  throw new UserError(`Cannot use the client keys in ${clientsFile}: ${reading.reason}`, {
    hint: 'repair the file, or delete it and make new keys with "cdx2 clients add NAME"',
  });
}

/**
 * Changes the clients, one command at a time. `change` returns those that are kept.
 * @throws {@link UserError} when the file cannot be read or written, and what `change` throws
 */
export async function changeClientKeys(
  { files, clock }: { readonly files: Files; readonly clock: Clock },
  authDir: string,
  change: (keys: readonly ClientKey[]) => readonly ClientKey[],
): Promise<void> {
  const { clientsFile } = runtimePaths(authDir);
  let lock: FileLock | undefined;
  try {
    lock = await lockWithin(files, clock, `${clientsFile}.lock`);
    await files.writeAtomic(clientsFile, writeClientKeys(change(await clientKeysIn(files, authDir))));
  } catch (error) {
    throw error instanceof FileError ? new UserError(`Cannot write the client keys ${error.message}`) : error;
  } finally {
    lock?.release();
  }
}

/**
 * A proxy that other machines can reach serves its clients and nobody else.
 * @throws {@link UserError} with exit code 2 when there is no client yet
 */
export async function refuseWithoutClients(files: Files, settings: Settings): Promise<void> {
  const { host, authDir } = settings;
  if (!needsClientKey(settings) || (await clientKeysIn(files, authDir)).length > 0) return;
  throw new UserError(
    `Cannot listen on ${host} without client keys: everyone who reaches it could spend your keys`,
    {
      hint: 'make one for each client with "cdx2 clients add NAME"',
      exitCode: 2,
    },
  );
}

/** What a {@link ClientKeyFile} works with. */
export interface ClientKeyFileOptions {
  /** Reads the file. */
  readonly files: Files;
  /** Times the looks at it. */
  readonly clock: Clock;
  /** Where it is, and whether requests need a key at all. */
  readonly settings: Pick<Settings, "authDir" | "host" | "requireClientKey">;
  /** Is told of a file that cannot be read. */
  readonly publish: Publish;
}

/** The clients that the running proxy knows. Disposing of it ends the watch. */
export class ClientKeyFile implements Disposable {
  readonly #options: ClientKeyFileOptions;
  readonly #watching = new AbortController();
  #keys: readonly ClientKey[] | undefined;
  #revision: string | undefined;

  /** Resolves when the file has been read. Nothing is read or watched when requests need no key. */
  static async open(options: ClientKeyFileOptions): Promise<ClientKeyFile> {
    const file = new ClientKeyFile(options);
    if (!needsClientKey(options.settings)) return file;
    file.#keys = [];
    await file.#look();
    void file.#watch();
    return file;
  }

  private constructor(options: ClientKeyFileOptions) {
    this.#options = options;
  }

  /** The clients; `undefined` when requests need no key. */
  get keys(): readonly ClientKey[] | undefined {
    return this.#keys;
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    this.#watching.abort();
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, this.#watching.signal);
      if (this.#watching.signal.aborted) return;
      await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { files, settings: { authDir } } = this.#options;
    const { clientsFile } = runtimePaths(authDir);
    const revision = await files.info(clientsFile).then((info) => info?.revision ?? "none", String);
    if (revision === this.#revision) return;
    this.#revision = revision;
    const reading = await readFile(files, clientsFile);
    if (reading.kind === "unusable") return this.#report(reading.reason);
    this.#keys = reading.keys;
  }

  // The clients of before stay: half a file must not lock everybody out.
  #report(reason: string): void {
    const { publish, clock, settings: { authDir } } = this.#options;
    const message = `the client keys in ${runtimePaths(authDir).clientsFile} cannot be used: ${reason}; ` +
      "the clients known before stay";
    publish({ atMs: clock.nowMs(), level: "error", event: "clients.unusable", message, fields: {} });
  }
}

async function readFile(files: Files, path: string): Promise<ClientKeysReading> {
  try {
    return readClientKeys(await files.readText(path));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return error.code === "not_found"
      ? { kind: "keys", keys: [] }
      : { kind: "unusable", reason: error.message };
  }
}

async function lockWithin(files: Files, clock: Clock, path: string) {
  const deadlineMs = clock.elapsedMs() + LOCK_WAIT_MS;
  for (;;) {
    const lock = await files.tryLock(path, "");
    if (lock) return lock;
    if (clock.elapsedMs() >= deadlineMs) throw new UserError("Another command is changing the client keys");
    await clock.sleep(LOCK_POLL_MS);
  }
}
