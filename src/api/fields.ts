/**
 * The vocabulary in which the JSON outputs are declared: a field with its meaning, and the kinds of value that many of
 * them share. One declaration serves the writer (its type), the reader (see received.ts), the contract tests (strict,
 * as it stands) and docs/json.md.
 * @module
 */

import * as z from "zod/mini";

/** What the declaration of a field says besides its type. */
export interface FieldNote {
  /** For docs/json.md: the meaning and the unit, not a sentence. */
  readonly meaning: string;
  /** Without this field its object cannot be used. */
  readonly isNeeded: boolean;
}

const NOTES: z.core.$ZodRegistry<FieldNote> = z.registry<FieldNote>();

/** Declares a field. A reader who does not find it, as in the answer of an older proxy, reads null, 0, "" or []. */
export function field<T extends z.ZodMiniType>(schema: T, meaning: string): T {
  return noted(schema, { meaning, isNeeded: false });
}

/** Declares a field without which its object says nothing: an answer or entry that lacks it is not read at all. */
export function needed<T extends z.ZodMiniType>(schema: T, meaning: string): T {
  return noted(schema, { meaning, isNeeded: true });
}

// A note belongs to the schema object, so each field needs one of its own: time() and count() make new ones.
function noted<T extends z.ZodMiniType>(schema: T, note: FieldNote): T {
  if (NOTES.has(schema)) throw new Error(`a schema cannot be two fields: ${note.meaning}`);
  NOTES.add(schema as z.core.$ZodType, note);
  return schema;
}

/** What was declared with {@link field} or {@link needed}; absent for any other schema. */
export function noteOf(schema: z.core.$ZodType): FieldNote | undefined {
  return NOTES.get(schema);
}

/** ISO 8601 in UTC. */
export function time(): z.iso.ZodMiniISODateTime {
  return z.iso.datetime();
}

/** A whole number from 0. */
export function count(): z.ZodMiniNumberFormat {
  return z.int().check(z.gte(0));
}

/** The value that a schema declares; nothing in it can be changed. */
export type ValueOf<S extends z.core.$ZodType> = ReadonlyDeep<z.core.output<S>>;

/** The same value, readonly at every depth. */
export type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T;
