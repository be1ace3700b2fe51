/**
 * The attempts of a running proxy as they end, each once, across restarts of the proxy. The proxy delays its answer until
 * there is a new attempt, so an idle feed costs next to nothing.
 * @module
 */

import { UserError } from "../values/user_error.ts";
import type { ManagementClient, Result } from "../api/client.ts";
import type { Received } from "../api/received.ts";
import type { Trace, TraceRow } from "../api/trace.ts";

/** What a feed brings. */
export type FeedEvent =
  /** A proxy was found, at first or after one was lost. */
  | { readonly kind: "found"; readonly client: ManagementClient }
  /** Oldest first. `run` tells rows of one start of the proxy from those of another with the same ids. */
  | { readonly kind: "rows"; readonly run: string; readonly rows: readonly Received<TraceRow>[] }
  /** It does not answer; the feed looks for it again. */
  | { readonly kind: "lost"; readonly reason: string };

/** What a feed needs. */
export interface FeedOptions {
  /**
   * Looks for the proxy, every time again: its address and key may have changed.
   * @throws {@link UserError} when there is none
   */
  readonly find: () => Promise<ManagementClient>;
  /** How many of the attempts that have ended before the feed starts with. */
  readonly limit: number;
  /** Resolves when it is time for the next question. */
  readonly pause: () => Promise<void>;
}

/** How far the feed has come in one run of the proxy. */
interface Mark {
  readonly run: string;
  readonly lastId: number;
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

  #rowsIn({ started_at: run, events }: Received<Trace>): FeedEvent {
    const { run: knownRun = run, lastId = 0 } = this.#mark ?? {};
    // After an id of another run they are incomplete: the next answer has them all.
    const rows = run === knownRun ? events : [];
    this.#mark = { run, lastId: rows.at(-1)?.id ?? (run === knownRun ? lastId : 0) };
    return { kind: "rows", run, rows };
  }

  #ask(client: ManagementClient, waitS: number): Promise<Result<Received<Trace>>> {
    const query = this.#mark ? { after: this.#mark.lastId, waitS } : { limit: this.#options.limit };
    return client.trace(query);
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
