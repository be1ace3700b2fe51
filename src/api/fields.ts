/**
 * The vocabulary in which the JSON outputs are declared: objects of fields, each with its meaning, and the kinds of value
 * that many of them share. One declaration serves the writer (its type), the reader (see received.ts), the contract tests
 * (strict, as it stands) and docs/json.md.
 *
 * Making a zod schema takes 0.1 ms in a process that has just started, and `status` waits for it: that is why `text`,
 * `count` and `time` are made once and shared.
 * @module
 */

import * as z from "zod/mini";

/** A field of an object. */
export interface Field<S extends z.ZodMiniType = z.ZodMiniType> {
  /** What it holds. */
  readonly schema: S;
  /** For docs/json.md: the meaning and the unit, not a sentence. */
  readonly meaning: string;
  /** Without this field its object cannot be used. */
  readonly isNeeded: boolean;
}

/** The fields of an object, by name. */
export type Fields = Readonly<Record<string, Field>>;

/** Declares a field. A reader who does not find it, as in the answer of an older proxy, reads null, 0, "" or []. */
export function field<S extends z.ZodMiniType>(schema: S, meaning: string): Field<S> {
  return { schema, meaning, isNeeded: false };
}

/** Declares a field without which its object says nothing: an answer or entry that lacks it is not read at all. */
export function needed<S extends z.ZodMiniType>(schema: S, meaning: string): Field<S> {
  return { schema, meaning, isNeeded: true };
}

const FIELDS = new WeakMap<z.core.$ZodType, Fields>();

/** The schema of an object with these fields and no others. */
export function object<F extends Fields>(fields: F): ObjectOf<F> {
  const schemas = Object.entries(fields).map(([name, { schema }]) => [name, schema] as const);
  const schema = z.strictObject(Object.fromEntries(schemas)) as unknown as ObjectOf<F>;
  FIELDS.set(schema, fields);
  return schema;
}

/** The schema that {@link object} makes. */
export type ObjectOf<F extends Fields> = z.ZodMiniObject<
  { [Name in keyof F]: F[Name]["schema"] },
  z.core.$strict
>;

/** The fields that an object was declared with; none for any other schema. */
export function fieldsOf(schema: z.core.$ZodType): Fields {
  return FIELDS.get(schema) ?? {};
}

/** Any text. */
export const text: z.ZodMiniString = z.string();
/** A whole number from 0. */
export const count: z.ZodMiniNumberFormat = z.int().check(z.gte(0));
/** ISO 8601 in UTC. */
export const time: z.iso.ZodMiniISODateTime = z.iso.datetime();

/** The value that a schema declares; nothing in it can be changed. */
export type ValueOf<S extends z.core.$ZodType> = ReadonlyDeep<z.core.output<S>>;

/** The same value, readonly at every depth. */
export type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T;
