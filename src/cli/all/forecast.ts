/**
 * When the windows that were asked about run out, from what the usage history says of their rates, and the pool with them.
 * @module
 */

import type { UsageForecast } from "../../api/usage.ts";
import { isInService } from "../../auth/choice.ts";
import { keyLabel } from "../../observability/key_label.ts";
import type { WindowEntry } from "../../observability/usage/entries.ts";
import { rateOf } from "../../observability/usage/forecast.ts";
import { forecastView } from "../../observability/usage/window_forecast.ts";
import { readHistory } from "../../observability/usage/history.ts";
import { usagePlace } from "../../runtime/usage_page.ts";
import type { AskedKey } from "./dashboard.ts";
import type { World } from "../world.ts";

const WEEK_MS = 7 * 86_400_000;

/** The readings of the last week; none when there is no history, or it cannot be read. */
export async function lastReadings(
  { files, openDatabase, clock }: World,
  authDir: string,
): Promise<readonly WindowEntry[]> {
  const place = { ...usagePlace(files, authDir), openDatabase };
  const toMs = clock.nowMs();
  const reading = readHistory(place, { fromMs: toMs - WEEK_MS, toMs }, ({ windows }) => windows);
  return await reading.catch(() => undefined) ?? [];
}

/** The forecast for the keys that could be asked; those out of service do not share the load. */
export function forecastOf(
  keys: readonly AskedKey[],
  readings: readonly WindowEntry[],
  nowMs: number,
): UsageForecast {
  const byWindow = Map.groupBy(readings, ({ key, windowSeconds }) => `${windowSeconds} ${key}`);
  const uses = keys.flatMap(({ record: { file }, answer }) => {
    if (answer.kind !== "usage") return [];
    const windows = answer.usage.windows.toSorted((a, b) => a.windowSeconds - b.windowSeconds).map(
      (window) => {
        const { windowSeconds, usedPercent, resetAtMs } = window;
        const own = byWindow.get(`${windowSeconds} ${keyLabel(file)}`) ?? [];
        const use = { windowSeconds, usedPercent, resetAtMs };
        return { ...use, percentPerHour: rateOf(use, own, nowMs) };
      },
    );
    return [{ key: file, windows }];
  });
  const used = new Set(
    keys.filter(({ record }) => isInService({ record }, nowMs)).map(({ record }) => record.file),
  );
  const rates = readings.length === 0 ? "mean" : "history";
  return forecastView(uses, nowMs, { rates, isUsed: (key) => used.has(key) });
}
