/**
 * A share as text. It is a file of its own because `cdx2 all --line`, which a prompt waits for, needs nothing else of the
 * dashboard.
 * @module
 */

/** `60%`, `<1%` or `unknown`. */
export function percentText(percent: number | null): string {
  if (percent === null) return "unknown";
  return percent > 0 && percent < 1 ? "<1%" : `${Math.round(percent)}%`;
}
