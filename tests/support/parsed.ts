// Parsed JSON of our own files, for tests that look into them.

import assert from "node:assert/strict";

/** An object; anything else fails the test. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  assert.ok(typeof value === "object" && value !== null, `an object, not ${value}`);
  return value as Readonly<Record<string, unknown>>;
}

/** The fields of an object that hold texts. */
export function texts(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(fields(value)).filter(([, text]) => typeof text === "string");
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}
