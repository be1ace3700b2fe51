/**
 * `GET /trace`: the newest attempts, and what is running. The answer may wait until there is something new.
 * @module
 */

import type { Debug } from "../api/debug.ts";
import type { Trace } from "../api/trace.ts";
import type { LiveRequests } from "../observability/live_requests.ts";
import type { TraceStore } from "../observability/trace_store.ts";
import type { Clock } from "../system/clock.ts";
import { waitMs, wholeNumber } from "./query.ts";

/** What the answer is made from. */
export interface TracePorts {
  /** The newest attempts that have ended. */
  readonly trace: TraceStore;
  /** What is running at this moment. */
  readonly live: LiveRequests;
  /** When this run began. */
  readonly about: () => Pick<Debug, "started_at">;
  /** Times the waiting. */
  readonly sleep: Clock["sleep"];
}

/** The answer. `disconnected` aborts when the client disconnects. @throws {@link BadQuery} */
export async function traceAnswer(
  ports: TracePorts,
  query: URLSearchParams,
  disconnected: AbortSignal,
): Promise<Trace> {
  const { trace, live, about } = ports;
  const after = query.get("after");
  const limit = wholeNumber("limit", query.get("limit") ?? "200");
  const id = after === null ? undefined : wholeNumber("after", after);
  if (id !== undefined) await untilNews(ports, { id, ...wishOf(query) }, disconnected);
  return {
    events: id === undefined ? trace.newest(limit) : trace.after(id),
    running: live.running,
    refused: live.refused,
    live_version: live.version,
    // It identifies the run: ids that a client has from another run mean other attempts.
    started_at: about().started_at,
  };
}

/** What the client knows, and how long it is willing to wait for more. */
interface Wish {
  /** Of the newest attempt that it knows. */
  readonly id: number;
  /** What it knows of what is running; `undefined` when it does not want to know. */
  readonly version: number | undefined;
  readonly maxMs: number;
}

function wishOf(query: URLSearchParams): Omit<Wish, "id"> {
  const live = query.get("live");
  return {
    version: live === null ? undefined : wholeNumber("live", live),
    maxMs: waitMs(query.get("wait") ?? "0"),
  };
}

async function untilNews(
  { trace, live, sleep }: TracePorts,
  { id, version, maxMs }: Wish,
  disconnected: AbortSignal,
): Promise<void> {
  if (maxMs === 0) return;
  const done = new AbortController();
  const signal = AbortSignal.any([disconnected, done.signal]);
  const changes = version === undefined ? [] : [live.untilChanged(version, signal)];
  await Promise.race([trace.untilNewer(id, signal), sleep(maxMs, signal), ...changes]);
  done.abort();
}
