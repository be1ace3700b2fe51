/**
 * Which keys a WebSocket can be had with. Those of the settings' upstream share one answer; a key with an upstream of its
 * own may serve over HTTP alone, and then others serve WebSockets in its place.
 * @module
 */

import { RecentMap } from "../auth/recent_map.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { Clock } from "../system/clock.ts";
import type { TunnelTo } from "../system/connect.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { choiceFor } from "./request_choice.ts";
import type { StepContext } from "./step.ts";

/** What a {@link WsReach} works with. */
export interface ReachOptions {
  /** Knows the keys. */
  readonly pool: KeyPool;
  /** For how long an upstream is believed to have no WebSocket. */
  readonly clock: Clock;
  /** All that keys are for. */
  readonly upstreams: Upstreams;
  /** The ways to them. */
  readonly tunnelTo: TunnelTo;
}

// It may learn to speak it, so it is asked again now and then.
const WITHOUT = { maxEntries: 64, ttlMs: 10 * 60_000 };

/** Which keys a WebSocket can be had with. */
export class WsReach {
  readonly #options: ReachOptions;
  readonly #without = new RecentMap<true>(WITHOUT);

  /** Knows nothing of the upstreams yet. */
  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /** Whether the upstream of the settings can be connected to. */
  get isMainReachable(): boolean {
    const { upstreams, tunnelTo } = this.#options;
    return tunnelTo(upstreams.main.origin) !== "none";
  }

  /** The upstream of this key has no WebSocket. Says whether it is one of the key's own. */
  noteNone(record: AuthRecord): boolean {
    const { upstreams, clock } = this.#options;
    if (record.upstream === undefined) return false;
    this.#without.set(upstreams.of(record).origin, true, clock.nowMs());
    return true;
  }

  /** The files of the keys that serve over HTTP alone. */
  httpOnly(): ReadonlySet<string> {
    return new Set(this.#options.pool.records.filter((key) => this.#isHttpOnly(key)).map(({ file }) => file));
  }

  /** Whether a key that serves over HTTP alone is free. */
  isHttpLeft(): boolean {
    const { pool, clock } = this.#options;
    return pool.describe(clock.nowMs()).some(({ record, standing }) =>
      standing === "ok" && this.#isHttpOnly(record)
    );
  }

  /**
   * Whether the request is for a key that serves over HTTP alone: the user has given it a higher priority than those that
   * do both, or none of those is free.
   */
  isForHttp(context: StepContext): boolean {
    const { pool, clock } = this.#options;
    const nowMs = clock.nowMs();
    const pick = (over: Partial<StepContext>) =>
      pool.pick(choiceFor(pool, { ...context, ...over }, [], { pinned: undefined, nowMs }), nowMs)?.key;
    const best = pick({ withoutKeys: new Set() });
    if (!best || !this.#isHttpOnly(best)) return false;
    const other = pick({ session: undefined });
    return !other || other.priority < best.priority;
  }

  #isHttpOnly(record: AuthRecord): boolean {
    const { upstreams, tunnelTo, clock } = this.#options;
    if (record.upstream === undefined || record.isDisabled) return false;
    const { origin } = upstreams.of(record);
    return tunnelTo(origin) === "none" || (this.#without.get(origin, clock.nowMs()) ?? false);
  }
}
