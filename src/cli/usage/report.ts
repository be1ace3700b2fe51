/**
 * Answers `cdx2 usage` from the usage history in the auth dir, with or without a running proxy.
 * @module
 */

import type { Usage, UsageGroup } from "../../api/usage.ts";
import { listKeys } from "../../auth/folder.ts";
import { keyLabel } from "../../observability/key_label.ts";
import { type HistoryReading, NOTHING_READ, readHistory } from "../../observability/usage/history.ts";
import { usagePage, usagePlace } from "../../runtime/usage_page.ts";
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
    const plotsOf = (reading: HistoryReading) => plotData(reading, { fromMs, nowMs, nameOf });
    const plots = await readHistory(place, { fromMs, toMs: nowMs }, plotsOf) ?? plotsOf(NOTHING_READ);
    const { rows: models } = await usagePage(place, { days, by: "model" }, nowMs);
    const usage = withNames(await usagePage(place, { days, by: "key" }, nowMs), nameOf);
    return htmlPage({ usage, models, plots, version: VERSION });
  });
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
