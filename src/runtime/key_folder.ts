/**
 * The keys of the proxy: a pool that is filled from the auth dir, has the penalties and sessions of an earlier run, and
 * follows the folder while that is watched.
 * @module
 */

import type { Policy } from "../config/policy.ts";
import type { AuthRecord } from "../auth/record.ts";
import { KeyPool } from "../auth/rotation.ts";
import { type AuthDirWatch, type AuthListing, watchAuthDir } from "../auth/store.ts";
import { healthLater } from "../auth/wall_time.ts";
import { runtimePaths } from "../config/paths.ts";
import { keyEvent } from "../observability/key_events.ts";
import { counted } from "../values/durations.ts";
import { type Clock, wallMs } from "../system/clock.ts";
import type { Files } from "../system/files.ts";
import type { Journal } from "./journal.ts";
import { readSavedAffinity } from "./affinity_keeper.ts";
import { readSavedKeys, restoreKeys } from "./state_keeper.ts";

/** What a {@link KeyFolder} works with. */
export interface KeyFolderOptions {
  /** Reads the folder, the state file and the sessions file. */
  readonly files: Files;
  /** Dates events, and times the looks at the folder. */
  readonly clock: Clock;
  /** The folder. */
  readonly authDir: string;
  /** The upstreams, as base URLs, that the sandbox lets single keys have for themselves. */
  readonly reachable: readonly string[];
  /** The rules of the pool. */
  readonly policy: Policy;
  /** Is told of the keys' changes, and hides their tokens. */
  readonly journal: Journal;
}

/** What other machines have to do with the keys of a listing. */
export interface ListingSharer {
  /** The key with the newest token of its login. */
  readonly withToken: (record: AuthRecord) => AuthRecord;
  /** The folder has another listing. */
  readonly listed: () => void;
}

/** A pool and the folder that it follows. Disposing of it ends the watch; the pool then stays as it is. */
export class KeyFolder implements Disposable {
  /** The keys. */
  readonly pool: KeyPool;
  readonly #options: KeyFolderOptions;
  readonly #watch: AuthDirWatch;
  #sharing: ListingSharer = { withToken: (record) => record, listed: () => {} };

  /** Resolves when the folder has been read, and saved penalties and sessions are back in place. */
  static async open(options: KeyFolderOptions): Promise<KeyFolder> {
    const { files, clock, authDir, journal: { publish } } = options;
    const { stateFile, sessionsFile } = runtimePaths(authDir);
    const folder = new KeyFolder(options);
    const place = { files, clock, publish };
    const loaded = folder.refresh().then(({ records }) => ({ records, aheadMs: clock.wallAheadMs }));
    const [savedKeys, savedAffinity, { records, aheadMs }] = await Promise.all([
      readSavedKeys({ ...place, path: stateFile }),
      readSavedAffinity({ ...place, path: sessionsFile }),
      loaded,
    ]);
    restoreKeys(folder.pool, records, savedKeys, clock.nowMs());
    folder.pool.affinity.restore(savedAffinity, clock.nowMs());
    // Until now nobody told the pool of a wall clock that was set meanwhile.
    folder.pool.wall.move(clock.wallAheadMs - aheadMs);
    return folder;
  }

  private constructor(options: KeyFolderOptions) {
    const { files, clock, authDir, policy, journal: { publish } } = options;
    this.#options = options;
    this.pool = new KeyPool(policy, (change) => {
      const to = healthLater(change.to, clock.wallAheadMs);
      const event = keyEvent({ ...change, to }, wallMs(clock));
      if (event) publish({ ...event, atMs: clock.nowMs() });
    }, clock);
    this.#watch = watchAuthDir({
      files,
      clock,
      authDir,
      admit: (listing) => withReachableKeys(listing, options.reachable),
      onChange: (listing) => this.#take(listing),
      onProblem: (message) =>
        publish({ atMs: clock.nowMs(), level: "error", event: "auth.loaded", message, fields: {} }),
    });
  }

  /** The folder as it was last read. */
  get listing(): AuthListing {
    return this.#watch.listing;
  }

  /** From now on the keys get the tokens that other machines have. */
  shareWith(sharing: ListingSharer): void {
    this.#sharing = sharing;
    this.mergeAgain();
  }

  /** Other machines may have other tokens now. */
  mergeAgain(): void {
    this.#sharing.listed();
    const { clock, journal } = this.#options;
    const own = this.listing.records;
    const records = own.map(this.#sharing.withToken);
    journal.hideTokens([...own, ...records].map(({ token }) => token));
    this.pool.merge(records, clock.nowMs());
  }

  /** Reads the folder again. */
  refresh(): Promise<AuthListing> {
    return this.#watch.refresh();
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    this.#watch.stop();
  }

  #take(listing: AuthListing): void {
    const { clock, journal } = this.#options;
    const { records, rejected } = listing;
    const files = rejected.map(({ file }) => file);
    const disabledCount = records.filter(({ isDisabled }) => isDisabled).length;
    const disabled = disabledCount === 0 ? "" : ` (${disabledCount} disabled)`;
    this.mergeAgain();
    journal.publish({
      atMs: clock.nowMs(),
      level: "info",
      event: "auth.loaded",
      message: `${counted(records.length, "key")} loaded${disabled}, ${
        counted(files.length, "auth file")
      } rejected`,
      fields: { keys: records.length, ...(files.length > 0 ? { rejected: files } : {}) },
    });
  }
}

/** The listing with keys refused by name whose upstream the sandbox does not let us reach. */
function withReachableKeys(listing: AuthListing, reachable: readonly string[]): AuthListing {
  const isOut = ({ upstream }: AuthRecord) => upstream !== undefined && !reachable.includes(upstream);
  const refused = listing.records.filter(isOut).map(({ file, upstream }) => ({
    file,
    reason: `the proxy was started without its upstream, ${new URL(upstream!).host}; ` +
      'let it in with "cdx2 proxy --force"',
  }));
  if (refused.length === 0) return listing;
  const rejected = [...listing.rejected, ...refused].sort((a, b) => a.file < b.file ? -1 : 1);
  return { records: listing.records.filter((record) => !isOut(record)), rejected };
}
