/**
 * The worker's end of the usage history and of notifications: what happened goes to the main thread in batches, soon
 * after it happened. The worker itself can write no history and start no command.
 * @module
 */

import { accountWindows } from "../auth/limits.ts";
import type { WallTime } from "../auth/wall_time.ts";
import type { ProxyEvent } from "../observability/event.ts";
import { keyLabel } from "../observability/key_label.ts";
import {
  type AttemptEntry,
  attemptEntry,
  type ChangeEntry,
  changeEntry,
  type UsageBatch,
  type WindowEntry,
} from "../observability/usage/entries.ts";
import { isWorthTelling } from "../observability/notification.ts";
import { type Cancel, type Clock, wallMs } from "../system/clock.ts";

/** What happened, for the main thread. */
export interface EventNews {
  /** For the usage history. */
  readonly usage: UsageBatch;
  /** For the user's command. */
  readonly events: readonly ProxyEvent[];
}

/** What an {@link EventFeed} works with. */
export interface EventFeedOptions {
  /** Times the batches. */
  readonly clock: Clock;
  /** Sends a batch to the main thread. */
  readonly send: (news: EventNews) => void;
}

/** Counts an attempt with the key of a file. Never throws, never waits. */
export type CountAttempt = (file: string, entry: AttemptEntry) => void;

const BATCH_MS = 1_000;
// What the user is to be told should not wait, but a burst of it should be one message.
const URGENT_MS = 50;
const WINDOWS_EVERY_MS = 15_000;

/** Collects events, and sends them on. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  #keys: Pick<WallTime, "describe"> | undefined;
  #count: CountAttempt | undefined;
  #attempts: AttemptEntry[] = [];
  #changes: ChangeEntry[] = [];
  #events: ProxyEvent[] = [];
  #isUrgent = false;
  #cancel: Cancel | undefined;
  #windowsReadMs = -Infinity;

  /** Sends nothing before something happens. */
  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** From now on, batches also tell how full the windows of these keys are: for a file, so by the wall clock. */
  connect(keys: Pick<WallTime, "describe">): void {
    this.#keys = keys;
  }

  /** From now on each attempt is counted there as well. */
  countWith(count: CountAttempt): void {
    this.#count = count;
  }

  /** Takes an event, from which all secrets have been removed. Never throws, never waits. */
  readonly take = (event: ProxyEvent): void => {
    const attempt = attemptEntry(event);
    if (attempt) {
      this.#attempts.push(attempt);
      if (event.event === "proxy.request") this.#count?.(event.fields.auth_file!, attempt);
    }
    const change = changeEntry(event);
    if (change) this.#changes.push(change);
    const isUrgent = isWorthTelling(event);
    if (isUrgent) this.#events.push(event);
    if (attempt || change || isUrgent) this.#plan(isUrgent);
  };

  /** Sends what has not been sent. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#isUrgent = false;
    const [attempts, changes, events] = [this.#attempts, this.#changes, this.#events];
    if (attempts.length + changes.length + events.length === 0) return;
    [this.#attempts, this.#changes, this.#events] = [[], [], []];
    this.#options.send({ usage: { attempts, changes, windows: this.#windows() }, events });
  }

  #plan(isUrgent: boolean): void {
    if (this.#cancel && (this.#isUrgent || !isUrgent)) return;
    this.#cancel?.();
    this.#isUrgent = isUrgent;
    this.#cancel = this.#options.clock.after(isUrgent ? URGENT_MS : BATCH_MS, () => this.flush());
  }

  #windows(): readonly WindowEntry[] {
    const { clock } = this.#options;
    if (!this.#keys || clock.elapsedMs() - this.#windowsReadMs < WINDOWS_EVERY_MS) return [];
    const sinceMs = wallMs(clock) - (clock.elapsedMs() - this.#windowsReadMs);
    this.#windowsReadMs = clock.elapsedMs();
    return this.#keys.describe(clock.nowMs()).flatMap(({ record: { file }, windows }) =>
      accountWindows(windows).filter(({ atMs }) => atMs > sinceMs)
        .map(({ windowSeconds, usedPercent, resetAtMs, atMs }) => ({
          atMs,
          key: keyLabel(file),
          windowSeconds,
          usedPercent,
          resetAtMs,
        }))
    );
  }
}
