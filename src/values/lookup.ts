/**
 * Looks into tables of our own with names that come from outside.
 * @module
 */

/** What the table has under the name; `undefined` also for what every object has, such as `constructor`. */
export function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
