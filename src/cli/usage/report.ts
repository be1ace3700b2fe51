/**
 * Answers `cdx2 usage` from the usage history in the auth dir, with or without a running proxy.
 * @module
 */

import type { Usage, UsageGroup } from "../../api/usage.ts";
import { listKeys } from "../../auth/folder.ts";
import { keyLabel } from "../../observability/key_label.ts";
import { type HistoryReading, NOTHING_READ, readHistory } from "../../observability/usage/history.ts";
import type { AttemptEntry } from "../../observability/usage/entries.ts";
import type { ReportSums } from "../../observability/usage/report.ts";
import { LOOK_BACK_MS } from "../../observability/usage/window_forecast.ts";
import { usageOfSums, usagePage, usagePlace, usageSums } from "../../runtime/usage_page.ts";
import { DatabaseError } from "../../system/database.ts";
import { midnightMs } from "../../values/local_time.ts";
import { UserError } from "../../values/user_error.ts";
import type { World } from "../world.ts";
import { VERSION } from "../version.ts";

/** What the user asked for. */
export interface UsageWish {
  readonly world: World;
  readonly authDir: string;
  /** Today included. */
  readonly days: number;
  readonly by: UsageGroup;
}

/** The report, with the names of the keys as they are in the folder. @throws {@link UserError} for a history that cannot be read */
export async function usageOf({ world, authDir, days, by }: UsageWish): Promise<Usage> {
  const nameOf = await namesOf(world, authDir);
  const usage = await readable(() => usagePage(placeOf(world, authDir), { days, by }, world.clock.nowMs()));
  return withNames(usage, nameOf);
}

function withNames(usage: Usage, nameOf: (label: string) => string): Usage {
  return {
    ...usage,
    rows: usage.by === "key" ? usage.rows.map((row) => ({ ...row, name: nameOf(row.name) })) : usage.rows,
    forecast: {
      ...usage.forecast,
      keys: usage.forecast.keys.map((key) => ({ ...key, key: nameOf(key.key) })),
    },
  };
}

/** The usage page, an HTML file. @throws {@link UserError} for a history that cannot be read */
export async function usageHtml({ world, authDir, days }: Omit<UsageWish, "by">): Promise<string> {
  const [{ htmlPage }, { plotData }] = await Promise.all([import("./html.ts"), import("./plot_data.ts")]);
  const nowMs = world.clock.nowMs();
  const fromMs = midnightMs(nowMs, days - 1);
  const nameOf = await namesOf(world, authDir);
  const place = placeOf(world, authDir);
  return await readable(async () => {
    const lookBackMs = nowMs - LOOK_BACK_MS;
    const range = { fromMs, windowsFromMs: Math.min(fromMs, lookBackMs), toMs: nowMs };
    const pageOf = (reading: HistoryReading, isRecording: boolean) => {
      const [models, keys] = [usageSums("model", { fromMs, nowMs }), usageSums("key", { fromMs, nowMs })];
      const windows = [...reading.windows];
      const plots = plotData({
        attempts: alsoAdded(reading.attempts, [models, keys]),
        windows: windows.filter(({ atMs }) => atMs >= fromMs),
        changes: reading.changes,
      }, { fromMs, nowMs, nameOf });
      const recent = windows.filter(({ atMs }) => atMs >= lookBackMs);
      const usage = usageOfSums(keys, { by: "key", fromMs, nowMs, windows: recent, isRecording });
      return htmlPage({
        usage: withNames(usage, nameOf),
        models: models.report().rows,
        plots,
        version: VERSION,
      });
    };
    return await readHistory(place, range, (reading) => pageOf(reading, true)) ?? pageOf(NOTHING_READ, false);
  });
}

/** The same attempts. Each is added to `sums` as it is read: a history of a million takes seconds to read. */
function* alsoAdded(attempts: Iterable<AttemptEntry>, sums: readonly ReportSums[]): Generator<AttemptEntry> {
  for (const entry of attempts) {
    for (const one of sums) one.add(entry);
    yield entry;
  }
}

function placeOf({ files, openDatabase }: World, authDir: string) {
  return { ...usagePlace(files, authDir), openDatabase };
}

/** What the folder calls a key of the history, which knows no e-mail addresses. */
async function namesOf({ files }: World, authDir: string): Promise<(label: string) => string> {
  const { records } = await listKeys(files, authDir);
  const names = new Map(records.map(({ file }) => [keyLabel(file), file]));
  return (label) => names.get(label) ?? label;
}

async function readable<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    throw new UserError(`The usage history cannot be read: ${error.message}`, {
      hint: error.fault === "damaged"
        ? "the running proxy sets it aside with the next request, and begins a new one"
        : "try again in a moment",
    });
  }
}
