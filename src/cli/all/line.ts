/**
 * The answer of `cdx2 all --line`: the pool in one line, for a prompt or a status bar. It is what the running proxy knows
 * already; nobody is asked, so it is there in a few milliseconds.
 * @module
 */

import type { PoolFigures } from "../../api/pool_figures.ts";
import { percentText } from "./percent_text.ts";

/** `5h 60% · week 90% · 4/7 keys`: what is left, the mean over the keys in service, and how many can be used now. */
export function poolLine({ fiveHoursLeft, weekLeft, usable, keys }: PoolFigures): string {
  const left = (percent: number | null) => percentText(percent).replace("unknown", "?");
  return `5h ${left(fiveHoursLeft)} · week ${left(weekLeft)} · ${usable}/${keys} ${
    keys === 1 ? "key" : "keys"
  }`;
}
