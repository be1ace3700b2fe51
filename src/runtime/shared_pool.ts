/**
 * Makes this proxy a member of a shared pool. Loaded only where there is one.
 * @module
 */

import type { Shared } from "../api/shared.ts";
import { healthAt, isStable } from "../auth/key_state.ts";
import type { KeyPool } from "../auth/rotation.ts";
import { engineText } from "../config/shared_settings.ts";
import { Fleet } from "../fleet/fleet.ts";
import { RedisStore } from "../fleet/redis_store.ts";
import { Seal } from "../fleet/seal.ts";
import type { Publish } from "../observability/event.ts";
import { type Clock, wallMs } from "../system/clock.ts";
import { randomHex, randomShare } from "../system/random.ts";
import { isoOf } from "../values/iso_time.ts";
import { Secret } from "../values/secret.ts";
import type { SharedStart } from "./sandbox.ts";

/** What a shared pool works with. */
export interface SharedPoolOptions {
  /** The pool of this proxy. */
  readonly pool: KeyPool;
  /** Its clock. */
  readonly clock: Clock;
  /** Reports that the engine was lost or found. */
  readonly publish: Publish;
  /** Of this program. */
  readonly version: string;
}

const RUN_ID_BYTES = 8;
const MAX_JOIN_MS = 1000;

/** This proxy as a member. */
export class SharedPool implements Disposable {
  readonly #start: SharedStart;
  readonly #options: SharedPoolOptions;
  readonly #fleet: Fleet;

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
    const { address, secret, namespace, member } = start;
    const { pool, clock, publish, version } = options;
    this.#start = start;
    this.#options = options;
    this.#fleet = new Fleet({
      store: new RedisStore({ address, namespace, clock, randomShare }),
      seal: new Seal(new Secret(secret), namespace),
      pool,
      clock,
      publish,
      self: { name: member, version },
      runId: randomHex(RUN_ID_BYTES),
    });
    this.#fleet.start();
  }

  /** Leaves the pool. */
  [Symbol.dispose](): void {
    this.#fleet[Symbol.dispose]();
  }

  /** How it is doing, for the pages. */
  page(): Shared {
    const { clock } = this.#options;
    const { address, namespace, member } = this.#start;
    const { state, members, pending, aheadMs, lagMs, conflicts, unreadable } = this.#fleet.figures;
    const iso = (ms: number) => isoOf(ms + clock.wallAheadMs);
    return {
      state: state.kind,
      reason: state.kind === "degraded" ? state.reason : null,
      since: state.kind === "connecting" ? null : iso(state.sinceMs),
      engine: engineText(address),
      namespace,
      member,
      members: members.map(({ name, version, startedMs, seenMs, keys, aheadMs }) => ({
        name,
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
    };
  }

  #finders(): Shared["found_by"] {
    const { pool, clock } = this.#options;
    return pool.describe(clock.nowMs()).flatMap(({ record, health }) => {
      const member = isStable(healthAt(health, clock.nowMs())) ? undefined : this.#fleet.finderOf(record);
      return member === undefined ? [] : [{ file: record.file, member }];
    });
  }
}
