/**
 * The attempts of a running proxy as they end, each once, across restarts of the proxy. The proxy delays its answer until
 * there is a new attempt, so an idle feed costs next to nothing.
 * @module
 */

import { UserError } from "../values/user_error.ts";
import type { ManagementClient, Result } from "../api/client.ts";
import type { Received } from "../api/received.ts";
import type { RefusedRequest, RunningRow, Trace, TraceRow } from "../api/trace.ts";

/** What a feed brings. */
export type FeedEvent =
  /** A proxy was found, at first or after one was lost. */
  | { readonly kind: "found"; readonly client: ManagementClient }
  /** What has ended since the last one, oldest first, and what is running now. */
  | ({ readonly kind: "rows"; readonly rows: readonly Received<TraceRow>[] } & RunningNow)
  /** It does not answer; the feed looks for it again. */
  | { readonly kind: "lost"; readonly reason: string };

/** What is running in one run of the proxy. */
export interface RunningNow {
  /** Tells rows of one start of the proxy from those of another with the same ids. */
  readonly run: string;
  /** Oldest first. */
  readonly running: readonly Received<RunningRow>[];
  /** The newest requests that the proxy refused by itself, oldest first. */
  readonly refused: readonly Received<RefusedRequest>[];
}

/** What a feed needs. */
export interface FeedOptions {
  /**
   * Looks for the proxy, every time again: its address and key may have changed.
   * @throws {@link UserError} when there is none
   */
  readonly find: () => Promise<ManagementClient>;
  /** How many of the attempts that have ended before the feed starts with. */
  readonly limit: number;
  /** Which of them it keeps. */
  readonly begin: (rows: readonly Received<TraceRow>[]) => readonly Received<TraceRow>[];
  /** It also reports each change of what is running. */
  readonly isLive: boolean;
  /** Resolves when it is time for the next question. */
  readonly pause: () => Promise<void>;
}

/** How far the feed has come in one run of the proxy. */
interface Mark {
  readonly run: string;
  readonly lastId: number;
  readonly liveVersion: number;
}

// A proxy that hangs is noticed after this time.
const WAIT_S = 5;

/** Endless: it ends when its reader stops reading. */
export function followTrace(options: FeedOptions): AsyncGenerator<FeedEvent> {
  return new TraceFeed(options).events();
}

class TraceFeed {
  readonly #options: FeedOptions;
  #mark: Mark | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  async *events(): AsyncGenerator<FeedEvent> {
    const { find, pause } = this.#options;
    for (;; await pause()) {
      const client = await foundBy(find);
      if (typeof client === "string") {
        yield { kind: "lost", reason: client };
      } else {
        yield { kind: "found", client };
        yield* this.#answersOf(client);
      }
    }
  }

  /** Until there is none. */
  async *#answersOf(client: ManagementClient): AsyncGenerator<FeedEvent> {
    // The first answer comes at once: it shows that the proxy works.
    for (let waitS = 0;; waitS = WAIT_S) {
      const result = await this.#ask(client, waitS);
      if (result.kind !== "answer") return yield { kind: "lost", reason: reasonOf(result) };
      yield this.#rowsIn(result.value);
      await this.#options.pause();
    }
  }

  #rowsIn({ started_at: run, events, running, refused, live_version }: Received<Trace>): FeedEvent {
    const { run: knownRun = run, lastId = 0 } = this.#mark ?? {};
    // After an id of another run they are incomplete: the next answer has them all.
    const rows = run === knownRun ? events : [];
    const kept = this.#mark ? rows : this.#options.begin(rows);
    const newest = rows.at(-1)?.id ?? (run === knownRun ? lastId : 0);
    this.#mark = { run, lastId: newest, liveVersion: live_version };
    return { kind: "rows", run, rows: kept, running, refused };
  }

  #ask(client: ManagementClient, waitS: number): Promise<Result<Received<Trace>>> {
    const { limit, isLive } = this.#options;
    if (!this.#mark) return client.trace({ limit });
    const { lastId: after, liveVersion } = this.#mark;
    return client.trace({ after, waitS, live: isLive ? liveVersion : undefined });
  }
}

/** A client, or why there is none. */
async function foundBy(find: FeedOptions["find"]): Promise<ManagementClient | string> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

function reasonOf(result: Exclude<Result<never>, { kind: "answer" }>): string {
  return result.kind === "unauthorized" ? "it has another management key" : result.reason;
}
