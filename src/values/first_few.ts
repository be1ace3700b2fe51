/**
 * The beginning of a list as text, where all of it could be too long.
 * @module
 */

/** The first `max`, and how many more there are: `a, b and 7 more`. */
export function firstFew<Item>(
  items: readonly Item[],
  max: number,
  show: (item: Item) => string = String,
): string {
  const more = items.length - max;
  return items.slice(0, max).map(show).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
