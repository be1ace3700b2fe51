/**
 * The file from which `cdx2 all --line` takes its answer: for a shell prompt, to read it costs 6 ms less than to ask the
 * proxy. It holds for a minute at the most, and only while the process that wrote it runs.
 * @module
 */

import type { PoolFigures } from "../api/pool_figures.ts";
import { isObject, parseJson } from "../values/json.ts";
import { camelCased, snakeCased } from "./field_names.ts";
import type { ProcessRecord } from "./process_record.ts";

/** What is in the file. */
export interface KeptLine {
  /** Who wrote it. */
  readonly by: Pick<ProcessRecord, "pid" | "startedAt">;
  /** From when it holds, epoch milliseconds. */
  readonly fromMs: number;
  /** Until when, epoch milliseconds. */
  readonly untilMs: number;
  /** What it says. */
  readonly figures: PoolFigures;
}

/** The text of the file. */
export function writeLineFile(line: KeptLine): string {
  return JSON.stringify(snakeCased(line)) + "\n";
}

/** The figures when this process has written them and they hold now; `undefined` for every other text. */
export function readLineFile(
  text: string,
  { by, nowMs }: { readonly by: KeptLine["by"]; readonly nowMs: number },
): PoolFigures | undefined {
  const line = camelCased(parseJson(text));
  if (!isKeptLine(line)) return undefined;
  const isTheirs = line.by.pid === by.pid && line.by.startedAt === by.startedAt;
  return isTheirs && line.fromMs <= nowMs && nowMs < line.untilMs ? line.figures : undefined;
}

function isKeptLine(value: unknown): value is KeptLine {
  if (!isObject(value)) return false;
  const { by, fromMs, untilMs, figures } = value;
  return isObject(by) && typeof fromMs === "number" && typeof untilMs === "number" && isPoolFigures(figures);
}

function isPoolFigures(value: unknown): value is PoolFigures {
  if (!isObject(value)) return false;
  const { fiveHoursLeft, weekLeft, usable, keys } = value;
  return isPercentOrNull(fiveHoursLeft) && isPercentOrNull(weekLeft) && isCount(usable) && isCount(keys);
}

function isPercentOrNull(value: unknown): boolean {
  return value === null || (typeof value === "number" && value >= 0 && value <= 100);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
