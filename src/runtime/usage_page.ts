/**
 * Reads the usage history as a report. The running proxy answers `/usage` with it, and `cdx2 usage` prints it without one.
 * @module
 */

import type { Usage, UsageGroup } from "../api/usage.ts";
import { type HistoryPlace, type HistoryReading, readHistory } from "../observability/usage/history.ts";
import { usageReport } from "../observability/usage/report.ts";
import { forecastView, keyUses } from "../observability/usage/window_forecast.ts";
import { runtimePaths } from "../config/paths.ts";
import { openSystemDatabase } from "../system/database.ts";
import type { Files } from "../system/files.ts";
import { isoOf } from "../values/iso_time.ts";
import { dayOf, hourOf, midnightMs } from "../values/local_time.ts";

/** What a report is asked for. */
export interface UsageQuery {
  /** How many days, today included. */
  readonly days: number;
  /** What the rows are about. */
  readonly by: UsageGroup;
}

// The longest window; what was read before says nothing about now.
const WEEK_MS = 7 * 86_400_000;

const NOTHING: HistoryReading = { attempts: [], windows: [], changes: [] };

/** Where the history of an auth dir is. */
export function usagePlace(files: Files, authDir: string): HistoryPlace {
  return { files, openDatabase: openSystemDatabase, path: runtimePaths(authDir).usageFile };
}

/** The report. @throws DatabaseError for a history that cannot be read */
export async function usagePage(
  place: HistoryPlace,
  { days, by }: UsageQuery,
  nowMs: number,
): Promise<Usage> {
  const fromMs = midnightMs(nowMs, days - 1);
  const page = ({ attempts, windows }: HistoryReading, isRecording: boolean): Usage => ({
    ok: true,
    by,
    from: isoOf(fromMs),
    to: isoOf(nowMs),
    ...usageReport(within(attempts, fromMs), { by, fromMs, nowMs, dayOf, hourOf }),
    forecast: forecastView(keyUses(windows.filter(({ atMs }) => atMs >= nowMs - WEEK_MS), nowMs), nowMs),
    is_recording: isRecording,
  });
  const range = { fromMs: Math.min(fromMs, nowMs - WEEK_MS), toMs: nowMs };
  return await readHistory(place, range, (reading) => page(reading, true)) ?? page(NOTHING, false);
}

function* within<Entry extends { readonly atMs: number }>(
  entries: Iterable<Entry>,
  fromMs: number,
): Iterable<Entry> {
  for (const entry of entries) if (entry.atMs >= fromMs) yield entry;
}
