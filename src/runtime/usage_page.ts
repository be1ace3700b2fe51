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
import type { WindowEntry } from "../observability/usage/entries.ts";
import { ReportSums } from "../observability/usage/report.ts";
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
  const page = ({ attempts, windows }: HistoryReading, isRecording: boolean): Usage => {
    const sums = usageSums(by, { fromMs, nowMs });
    for (const entry of attempts) sums.add(entry);
    return usageOfSums(sums, { by, fromMs, nowMs, windows, isRecording });
  };
  const range = { fromMs, windowsFromMs: nowMs - LOOK_BACK_MS, toMs: nowMs };
  return await readHistory(place, range, (reading) => page(reading, true)) ?? page(NOTHING_READ, false);
}

/** What the attempts of a time are added to. */
export function usageSums(
  by: UsageGroup,
  { fromMs, nowMs }: { readonly fromMs: number; readonly nowMs: number },
): ReportSums {
  return new ReportSums({ by, fromMs, nowMs, dayOf, hourOf });
}

/** The report of attempts that were added up. `windows` begin {@link LOOK_BACK_MS} before its end. */
export function usageOfSums(
  sums: ReportSums,
  { by, fromMs, nowMs, windows, isRecording }: {
    readonly by: UsageGroup;
    readonly fromMs: number;
    readonly nowMs: number;
    readonly windows: Iterable<WindowEntry>;
    readonly isRecording: boolean;
  },
): Usage {
  return {
    ok: true,
    by,
    from: isoOf(fromMs),
    to: isoOf(nowMs),
    ...sums.report(),
    forecast: forecastView(keyUses(windows, nowMs), nowMs),
    is_recording: isRecording,
  };
}
