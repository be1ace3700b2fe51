/**
 * The names of fields in our files are in snake case, those in the program in camel case. They are renamed by rule, not
 * one by one, so that a new field is kept without a line of its own.
 * @module
 */

import { isObject } from "../values/json.ts";

/** The same JSON with the names of all fields in snake case. */
export function snakeCased(value: unknown): unknown {
  return renamed(value, (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** The same JSON with the names of all fields in camel case. */
export function camelCased(value: unknown): unknown {
  return renamed(value, (name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, rename));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [rename(name), renamed(field, rename)]),
  );
}
