/**
 * Which of the attempts that have ended `trace` begins with.
 * @module
 */

import { isModelRoute, type RefusedRequest, type RunningRow, type TraceRow } from "../../api/trace.ts";
import type { Received } from "../../api/received.ts";

/** A row of `/trace`, of a proxy of any version. */
export type Row = Received<TraceRow>;

/** What is running, and what the proxy refused by itself, of a proxy of any version. */
export interface Others {
  readonly running: readonly Received<RunningRow>[];
  readonly refused: readonly Received<RefusedRequest>[];
}

/** What the user asked for. */
export interface HistoryWish {
  /** At most this many rows that are shown. */
  readonly limit: number;
  /** False: only requests to a model are shown. */
  readonly showsAll: boolean;
}

// One run of Codex makes a dozen requests that are not to a model.
const MIN_ASKED = 2000;

/** How many rows to ask the proxy for. */
export function askedRows({ limit, showsAll }: HistoryWish): number {
  return showsAll ? limit : Math.max(limit, MIN_ASKED);
}

/** Whether a row is shown. */
export function isShown({ showsAll }: Pick<HistoryWish, "showsAll">): (row: Pick<Row, "route">) => boolean {
  return ({ route }) => showsAll || isModelRoute(route);
}

/** The rows from the `limit`-newest one on that is shown; rows between them that are not shown are kept. */
export function fromNewest(rows: readonly Row[], wish: HistoryWish): readonly Row[] {
  const places = rows.flatMap((row, index) => isShown(wish)(row) ? [index] : []);
  return rows.slice(places.length > wish.limit ? places.at(-wish.limit) : 0);
}

/** The refusals that belong between these rows: those of requests without an attempt, since the first of the rows. */
export function refusedAmong(
  rows: readonly Row[],
  { refused }: Pick<Others, "refused">,
): readonly Received<RefusedRequest>[] {
  const attempted = new Set(rows.map(({ request_id }) => request_id));
  const sinceS = rows[0]?.ts ?? 0;
  return refused.filter(({ request_id, ts }) => !attempted.has(request_id) && ts >= sinceS);
}
