/**
 * Reads the usage history as a report. The running proxy answers `/usage` with it, and `cdx2 usage` prints it without one.
 * @module
 */

import type { Usage, UsageGroup } from "../api/usage.ts";
import {
  type HistoryPlace,
  type HistoryReading,
  NOTHING_READ,
  readHistory,
} from "../observability/usage/history.ts";
import { usageReport } from "../observability/usage/report.ts";
import { forecastView, keyUses, LOOK_BACK_MS } from "../observability/usage/window_forecast.ts";
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
    ...usageReport(attempts, { by, fromMs, nowMs, dayOf, hourOf }),
    forecast: forecastView(keyUses(windows, nowMs), nowMs),
    is_recording: isRecording,
  });
  const range = { fromMs, windowsFromMs: nowMs - LOOK_BACK_MS, toMs: nowMs };
  return await readHistory(place, range, (reading) => page(reading, true)) ?? page(NOTHING_READ, false);
}
