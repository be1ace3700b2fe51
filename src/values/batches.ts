/**
 * Many things one after the other, a few at a time.
 * @module
 */

// As many as the system does at once anyway: of thousands, the last would wait for all others and look as if it hung.
const BATCH_SIZE = 64;

/** The results of `act` for each item, in the order of the items; at most 64 run at once. Rejects as the first that does. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += BATCH_SIZE) {
    for (const result of await Promise.all(items.slice(from, from + BATCH_SIZE).map(act))) {
      results.push(result);
    }
  }
  return results;
}
