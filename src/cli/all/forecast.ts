/**
 * When the windows that were asked about run out, from what the usage history says of their rates, and the pool with them.
 * @module
 */

import type { UsageForecast } from "../../api/usage.ts";
import { isInService } from "../../auth/choice.ts";
import type { AuthRecord } from "../../auth/record.ts";
import type { UsageAnswer } from "../../auth/usage.ts";
import { keyLabel } from "../../observability/key_label.ts";
import type { WindowEntry } from "../../observability/usage/entries.ts";
import { rateOf } from "../../observability/usage/forecast.ts";
import { forecastView } from "../../observability/usage/window_forecast.ts";

/** A key, and what the upstream answered about its usage. */
interface AnsweredKey {
  readonly record: AuthRecord;
  readonly answer: UsageAnswer;
}

/** The forecast for the keys that could be asked; those out of service do not share the load. */
export function forecastOf(
  keys: readonly AnsweredKey[],
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
