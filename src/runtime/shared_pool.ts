/**
 * Makes this proxy a member of a shared pool. Loaded only where there is one.
 * @module
 */

import type { PoolUsage, PoolUsageGroup } from "../api/pool_usage.ts";
import type { Shared } from "../api/shared.ts";
import { healthAt, isStable } from "../auth/key_state.ts";
import type { AuthRecord } from "../auth/record.ts";
import { engineText } from "../config/shared_settings.ts";
import type { LoginClaim } from "../credentials/login_claim.ts";
import type { LoginHeld } from "../credentials/logins_held.ts";
import { Exchange } from "../fleet/exchange.ts";
import { Fleet, tagsOf } from "../fleet/fleet.ts";
import { RedisStore } from "../fleet/redis_store.ts";
import { Seal } from "../fleet/seal.ts";
import { SharedAffinity } from "../fleet/shared_affinity.ts";
import { type HomeMove, moveHome } from "../fleet/move_home.ts";
import { RedisCounters } from "../fleet/redis_counters.ts";
import { SharedLogins } from "../fleet/shared_logins.ts";
import { SharedUsage } from "../fleet/shared_usage.ts";
import { poolUsageReport } from "../fleet/usage_report.ts";
import type { Publish } from "../observability/event.ts";
import { type Clock, wallMs } from "../system/clock.ts";
import { randomHex, randomShare } from "../system/random.ts";
import { isoOf } from "../values/iso_time.ts";
import { dayOf, midnightMs } from "../values/local_time.ts";
import { distinctNames } from "../values/member_name.ts";
import { Secret } from "../values/secret.ts";
import type { CountAttempt } from "./event_feed.ts";
import type { KeyFolder } from "./key_folder.ts";
import type { SharedStart } from "./sandbox.ts";

/** What a shared pool works with. */
export interface SharedPoolOptions {
  /** The keys of this proxy. */
  readonly keys: Pick<KeyFolder, "pool" | "listing" | "mergeAgain" | "shareWith">;
  /** Its clock. */
  readonly clock: Clock;
  /** Reports that the engine was lost or found. */
  readonly publish: Publish;
  /** Of this program. */
  readonly version: string;
  /** Keeps who renews a login. Resolves with whether it is on the disk. */
  readonly keepHome: (login: string, claim: LoginClaim) => Promise<boolean>;
  /** Asks the main thread for the renewal of a key. */
  readonly renew: (record: AuthRecord) => void;
  /** Has each attempt counted. */
  readonly countWith: (count: CountAttempt) => void;
}

/** What is asked of the use of all members. */
export interface PoolUsageQuery {
  /** Today included. */
  readonly days: number;
  /** What the rows are about. */
  readonly by: PoolUsageGroup;
}

const RUN_ID_BYTES = 8;
const MAX_JOIN_MS = 1000;

/** This proxy as a member. */
export class SharedPool implements AsyncDisposable {
  readonly #start: SharedStart;
  readonly #options: SharedPoolOptions;
  readonly #fleet: Fleet;
  readonly #exchange: Exchange;
  readonly #affinity: SharedAffinity;
  readonly #usage: SharedUsage;
  /** Who renews the logins of the keys. */
  readonly logins: SharedLogins;

  /**
   * Resolves when it knows what the others know, so that the first requests profit from it; after a second at the latest, and
   * at once where the engine cannot be reached.
   */
  static async join(start: SharedStart, options: SharedPoolOptions): Promise<SharedPool> {
    const pool = new SharedPool(start, options);
    await Promise.race([pool.#fleet.settled, options.clock.sleep(MAX_JOIN_MS)]);
    return pool;
  }

  private constructor(start: SharedStart, options: SharedPoolOptions) {
    const { address, secret, namespace, member, memberId, host, mayBeHome, claims } = start;
    const { keys, clock, publish, version, keepHome, renew } = options;
    this.#start = start;
    this.#options = options;
    const seal = new Seal(new Secret(secret), namespace);
    const store = new RedisStore({ address, namespace, clock, randomShare });
    const exchange = new Exchange({ store, seal, clock, publish });
    this.#exchange = exchange;
    const runId = randomHex(RUN_ID_BYTES);
    const nextTag = tagsOf(runId);
    this.logins = new SharedLogins({
      exchange,
      seal,
      clock,
      self: { memberId, name: member, mayBeHome },
      claims,
      nextTag,
      records: () => keys.listing.records,
      changed: () => keys.mergeAgain(),
      keep: keepHome,
      renew,
    });
    const { affinity } = keys.pool;
    const place = { isUp: () => exchange.state.kind === "up", seal, clock };
    const sharedAffinity = new SharedAffinity({ ...place, store, affinity });
    this.#affinity = sharedAffinity;
    affinity.shareWith(sharedAffinity);
    const self = { id: memberId, name: member, host, version };
    const counters = new RedisCounters((...words) => store.ask(...words), namespace);
    const usage = new SharedUsage({ ...place, store: counters, owners: sharedAffinity, member: self, runId });
    this.#usage = usage;
    options.countWith(usage.take);
    this.#fleet = new Fleet({
      exchange,
      seal,
      logins: this.logins,
      affinity: {
        listed: (records) => sharedAffinity.listed(records),
        synced: () => {
          sharedAffinity.synced();
          usage.synced();
        },
      },
      pool: keys.pool,
      clock,
      self,
      runId,
      nextTag,
    });
    this.#fleet.start();
    keys.shareWith({
      withToken: (record) => this.logins.withToken(record),
      listed: () => this.logins.listed(),
    });
  }

  /** What the files of this machine hold. */
  takesLogins(logins: readonly LoginHeld[]): void {
    this.logins.take(logins);
  }

  /** Makes this machine the home of a key's login. */
  async moveHome(file: string, isForced: boolean): Promise<HomeMove | undefined> {
    const { keys, clock } = this.#options;
    const { memberId, member, mayBeHome } = this.#start;
    const record = keys.listing.records.find((known) => known.file === file);
    return record && await moveHome(record, {
      logins: this.logins,
      exchange: this.#exchange,
      clock,
      self: { memberId, name: member, mayBeHome },
      isThere: (id) => this.#fleet.isThere(id),
      isForced,
    });
  }

  /** Has another member renew a key whose token was refused. Whether one does that is there. */
  asks(record: AuthRecord): boolean {
    const home = this.logins.homeOf(record);
    return home !== undefined && this.#fleet.isThere(home.memberId) && this.logins.ask(record);
  }

  /** Tells what was used, for half a second at most, and leaves the pool. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#usage.flush();
    this.#fleet[Symbol.dispose]();
  }

  /** What all members have used. @throws StoreDown */
  async usedByAll({ days, by }: PoolUsageQuery): Promise<PoolUsage> {
    const nowMs = wallMs(this.#options.clock);
    const names = Array.from({ length: days }, (_, at) => dayOf(midnightMs(nowMs, days - 1 - at)));
    return poolUsageReport(await this.#usage.of(names), by, (owner) => this.#affinity.fileOf(owner));
  }

  /** How it is doing, for the pages. */
  page(): Shared {
    const { clock } = this.#options;
    const { address, namespace, member, memberId } = this.#start;
    const { state, members, pending, aheadMs, lagMs, conflicts, unreadable } = this.#fleet.figures;
    const iso = (ms: number) => isoOf(ms + clock.wallAheadMs);
    const nameOf = distinctNames(members);
    return {
      state: state.kind,
      reason: state.kind === "degraded" ? state.reason : null,
      since: state.kind === "connecting" ? null : iso(state.sinceMs),
      engine: engineText(address),
      namespace,
      member: nameOf({ id: memberId, name: member }),
      members: members.map(({ version, startedMs, seenMs, keys, aheadMs, ...one }) => ({
        name: nameOf(one),
        version,
        started_at: iso(startedMs),
        seen_at: iso(seenMs),
        keys,
        clock_off_ms: Math.round(aheadMs),
      })),
      pending,
      lag_ms: lagMs === undefined ? null : Math.round(lagMs * 10) / 10,
      clock_off_ms: Math.round(aheadMs + clock.nowMs() - wallMs(clock)),
      conflicts,
      unreadable,
      found_by: this.#finders(),
      logins: this.#loginViews(),
      twin: this.#fleet.twin?.host ?? null,
    };
  }

  #loginViews(): Shared["logins"] {
    const { keys, clock } = this.#options;
    const iso = (ms: number) => isoOf(ms - this.#exchange.aheadMs + clock.wallAheadMs);
    const ends = new Map(
      keys.pool.wall.describe(clock.nowMs()).map(({ record }) => [record.file, record.expiresAtMs]),
    );
    return keys.listing.records.flatMap((record) => {
      const login = this.logins.standingOf(record);
      if (!login) return [];
      const { home, isHere, seenMs: toldMs } = login;
      const seenMs = Math.max(home ? this.#fleet.lastSeenMs(home.memberId) ?? 0 : 0, toldMs);
      const endMs = ends.get(record.file);
      return [{
        file: record.file,
        home: home?.name ?? null,
        here: isHere,
        there: home !== undefined && (isHere || this.#fleet.isThere(home.memberId)),
        seen_at: home && seenMs > 0 ? iso(seenMs) : null,
        token_expires_at: endMs === undefined ? null : isoOf(endMs),
      }];
    });
  }

  #finders(): Shared["found_by"] {
    const { keys: { pool }, clock } = this.#options;
    return pool.describe(clock.nowMs()).flatMap(({ record, health }) => {
      const member = isStable(healthAt(health, clock.nowMs())) ? undefined : this.#fleet.finderOf(record);
      return member === undefined ? [] : [{ file: record.file, member }];
    });
  }
}
