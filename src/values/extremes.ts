/**
 * The highest and the lowest of a list of any length. `Math.max(...list)` throws a RangeError from about 120,000 elements
 * on, since each becomes an argument.
 * @module
 */

/** The highest of the values; `-Infinity` when there is none, `NaN` when one is. */
export function highest(values: Iterable<number>): number {
  let found = -Infinity;
  for (const value of values) found = Math.max(found, value);
  return found;
}

/** The lowest of the values; `Infinity` when there is none, `NaN` when one is. */
export function lowest(values: Iterable<number>): number {
  let found = Infinity;
  for (const value of values) found = Math.min(found, value);
  return found;
}
