/**
 * Does a JSON value have the fields that we count on? Small checks instead of a schema library: importing one
 * takes 16 ms, and `status` asks this of every answer.
 * @module
 */

import type { Fields } from "../values/json.ts";

export type Check<T> = (value: unknown) => value is T;

type ChecksOf<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? Check<T[K] | undefined> : Check<T[K]>;
};

export const isText: Check<string> = (value) => typeof value === "string";
export const isBoolean: Check<boolean> = (value) => typeof value === "boolean";
/** Finite, as every number in JSON is. */
export const isNumber: Check<number> = (value): value is number => Number.isFinite(value);
export const isAbsent: Check<undefined> = (value) => value === undefined;
export const isNull: Check<null> = (value) => value === null;

/** A JSON object, whatever is in it. */
export const isFields: Check<Fields> = (value): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function is<const T extends string>(expected: T): Check<T> {
  return (value): value is T => value === expected;
}

export function either<A, B>(first: Check<A>, second: Check<B>): Check<A | B> {
  return (value): value is A | B => first(value) || second(value);
}

export function listOf<T>(entry: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(entry);
}

/** An object whose named fields pass; it may have others beside them, as an object of a later version has. */
export function shape<T extends object>(checks: ChecksOf<T>): Check<T> {
  const entries = Object.entries(checks) as [string, Check<unknown>][];
  return (value): value is T => isFields(value) && entries.every(([name, check]) => check(value[name]));
}
