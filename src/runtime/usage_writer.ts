/**
 * Writes the usage history in the main thread, after the requests. What cannot be written is kept and tried again, up to a
 * bound. The file stays open while batches come, unless somebody has replaced or removed it, and without a lock: another
 * process may do so, and read it.
 * @module
 */

import type { Usage } from "../api/usage.ts";
import { SET_ASIDE } from "../config/paths.ts";
import type { ProxyEvent } from "../observability/event.ts";
import type { UsageBatch, WindowEntry } from "../observability/usage/entries.ts";
import { type HistoryPlace, UsageHistory } from "../observability/usage/history.ts";
import { counted } from "../values/durations.ts";
import type { Cancel, Clock } from "../system/clock.ts";
import type { RunningWorker } from "./sandbox.ts";
import { usagePage, type UsageQuery } from "./usage_page.ts";

/** What a {@link UsageWriter} works with. */
export interface UsageWriterOptions {
  /** Where the history is. */
  readonly place: HistoryPlace;
  /** Times the tries. */
  readonly clock: Clock;
  /** Takes events for the service log. */
  readonly log: (event: ProxyEvent) => Promise<void>;
}

const RETRY_MS = 10_000;
// Opening takes as long as writing does. Windows removes no file, and no folder with one, that is open.
const QUIET_MS = 10_000;
const PRUNE_EVERY_MS = 24 * 3_600_000;
// Some 20 MB of memory, and more than an hour of a busy pool.
const MAX_WAITING = 50_000;
// A window that has not changed is written again after this, so that a plot has no holes.
const SAME_WINDOW_MS = 15 * 60_000;

interface KeptHistory {
  readonly history: UsageHistory;
  /** Of the file; empty where that is not known, so that it is opened every time. */
  readonly identity: string;
}

/** Takes batches from the worker until it is closed. */
export class UsageWriter {
  readonly #options: UsageWriterOptions;
  #waiting: UsageBatch[] = [];
  #lost = 0;
  #isFailing = false;
  #writing: Promise<void> | undefined;
  #cancelRetry: Cancel = () => {};
  #kept: KeptHistory | undefined;
  #cancelQuiet: Cancel = () => {};
  #prunedMs = -Infinity;
  readonly #lastWindows = new Map<string, WindowEntry>();

  /** Writes nothing before a batch comes. */
  constructor(options: UsageWriterOptions) {
    this.#options = options;
  }

  /** From now on, this worker's batches are written, and its questions answered. */
  serve({ onNews, onUsageQuestion }: Pick<RunningWorker, "onNews" | "onUsageQuestion">): void {
    onNews(({ usage }) => this.take(usage));
    onUsageQuestion((query) => this.answer(query));
  }

  /** Takes a batch; never throws, never waits. */
  take(batch: UsageBatch): void {
    const windows = batch.windows.filter((window) => this.#isNews(window));
    const { attempts, changes } = batch;
    if (attempts.length + windows.length + changes.length === 0) return;
    this.#waiting.push({ attempts, windows, changes });
    this.#dropOldest();
    if (!this.#isFailing) this.#writing ??= this.#write();
  }

  /** The report, with what has been taken so far; `undefined` when the history cannot be read. */
  async answer(query: UsageQuery): Promise<Usage | undefined> {
    const { place, clock } = this.#options;
    await this.#writing;
    return await usagePage(place, query, clock.nowMs()).catch(() => undefined);
  }

  /** Resolves when everything has been written, or could not be. */
  async close(): Promise<void> {
    this.#cancelRetry();
    await this.#writing;
    if (this.#waiting.length > 0) await this.#write();
    this.#closeFile();
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#writeOnce();
      await this.#recovered();
    } catch (error) {
      await this.#failed(error instanceof Error ? error.message : String(error));
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeOnce(): Promise<void> {
    const wasOpen = this.#kept;
    try {
      this.#writeInto(await this.#opened());
    } catch (error) {
      // What was found wrong with an open file is looked at once more from its beginning.
      const mayHelp = this.#kept !== undefined && this.#kept === wasOpen;
      this.#closeFile();
      if (!mayHelp) throw error;
    }
  }

  #writeInto(history: UsageHistory): void {
    const { clock } = this.#options;
    history.write(merged(this.#waiting));
    this.#waiting = [];
    if (clock.elapsedMs() - this.#prunedMs < PRUNE_EVERY_MS) return;
    this.#prunedMs = clock.elapsedMs();
    history.prune(clock.nowMs());
  }

  async #opened(): Promise<UsageHistory> {
    const { place, clock } = this.#options;
    // Before it is opened: a file that takes its place then is noticed with the next batch.
    const identity = (await place.files.info(place.path))?.identity ?? "";
    if (this.#kept && (identity === "" || this.#kept.identity !== identity)) this.#closeFile();
    this.#cancelQuiet();
    this.#kept ??= {
      history: await UsageHistory.open(place, (reason) => void this.#setAside(reason)),
      identity,
    };
    this.#cancelQuiet = clock.after(QUIET_MS, () => this.#closeFile());
    return this.#kept.history;
  }

  #closeFile(): void {
    this.#cancelQuiet();
    this.#kept?.history[Symbol.dispose]();
    this.#kept = undefined;
  }

  #dropOldest(): void {
    let count = this.#waiting.reduce((sum, { attempts }) => sum + attempts.length, 0);
    while (count > MAX_WAITING) {
      const dropped = this.#waiting.shift()!.attempts.length;
      this.#lost += dropped;
      count -= dropped;
    }
  }

  #isNews(window: WindowEntry): boolean {
    const id = `${window.windowSeconds} ${window.key}`;
    const last = this.#lastWindows.get(id);
    const isSame = last?.usedPercent === window.usedPercent && last.resetAtMs === window.resetAtMs &&
      window.atMs - last.atMs < SAME_WINDOW_MS;
    if (!isSame) this.#lastWindows.set(id, window);
    return !isSame;
  }

  async #recovered(): Promise<void> {
    const { clock, log } = this.#options;
    const lost = this.#lost;
    this.#isFailing = false;
    this.#lost = 0;
    if (lost === 0) return;
    const message = `${counted(lost, "attempt")} could not be written into the usage history`;
    await log({ atMs: clock.nowMs(), level: "warning", event: "log.recovered", message, fields: { lost } });
  }

  // A full disk is reported once, not with every try.
  async #failed(reason: string): Promise<void> {
    const { clock } = this.#options;
    this.#cancelRetry = clock.after(RETRY_MS, () => this.#writing ??= this.#write());
    if (this.#isFailing) return;
    this.#isFailing = true;
    await this.#log(
      "state.not_saved",
      `the usage history cannot be written, and is tried again: ${reason}`,
      {},
    );
  }

  async #setAside(reason: string): Promise<void> {
    const file = this.#options.place.path + SET_ASIDE;
    const message = `the usage history cannot be used: ${reason}; it was set aside, and a new one begins`;
    await this.#log("state.set_aside", message, { file });
  }

  async #log(
    event: "state.not_saved" | "state.set_aside",
    message: string,
    fields: { readonly file?: string },
  ): Promise<void> {
    const { clock, log } = this.#options;
    await log({ atMs: clock.nowMs(), level: "warning", event, message, fields } as ProxyEvent);
  }
}

function merged(batches: readonly UsageBatch[]): UsageBatch {
  return {
    attempts: batches.flatMap(({ attempts }) => attempts),
    windows: batches.flatMap(({ windows }) => windows),
    changes: batches.flatMap(({ changes }) => changes),
  };
}
