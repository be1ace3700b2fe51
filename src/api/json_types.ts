/**
 * The types of the values in our JSON outputs. Each says what it is, for the reader (see received.ts) and for
 * docs/json.md, and makes the strict zod schema that the contract tests check real outputs with. TypeScript types are
 * inferred from that schema.
 *
 * The caller that asks for a schema brings zod, so that no command loads it: zod and the schemas of one page take 6 to 8 ms in a
 * process that has just started, and `status` would wait for them.
 * @module
 */

import type * as z from "zod/mini";

/** What makes schemas: the module `zod/mini`. */
export type Zod = typeof z;

/** A type of JSON values, with a zod schema of the type `S`. */
export interface JsonType<S extends z.ZodMiniType = z.ZodMiniType> {
  /** What a value of it is made of. */
  readonly form: Form;
  /** The strict schema, made once: it allows what this version writes, and nothing else. */
  readonly schema: (zod: Zod) => S;
}

/** What a value is made of. */
export type Form =
  | { readonly kind: "text" | "time" | "number" | "boolean" | "null" }
  | { readonly kind: "one_of"; readonly values: readonly (string | boolean)[] }
  | { readonly kind: "or_null" | "optional" | "list" | "by_name"; readonly of: JsonType }
  | { readonly kind: "any_of"; readonly types: readonly JsonType[] }
  | { readonly kind: "object"; readonly fields: Fields };

/** The fields of an object, by name. */
export type Fields = Readonly<Record<string, Field>>;

/** A field of an object. */
export interface Field<S extends z.ZodMiniType = z.ZodMiniType> {
  /** What it holds. */
  readonly type: JsonType<S>;
  /** For docs/json.md: the meaning and the unit, not a sentence. */
  readonly meaning: string;
  /** Without this field its object cannot be used. */
  readonly isNeeded: boolean;
}

/** Declares a field. A reader who does not find it, as in the answer of an older proxy, reads null, 0, "" or []. */
export function field<S extends z.ZodMiniType>(type: JsonType<S>, meaning: string): Field<S> {
  return { type, meaning, isNeeded: false };
}

/** Declares a field without which its object says nothing: an answer or entry that lacks it is not read at all. */
export function needed<S extends z.ZodMiniType>(type: JsonType<S>, meaning: string): Field<S> {
  return { type, meaning, isNeeded: true };
}

/** A type that is none of those below. */
export function jsonType<S extends z.ZodMiniType>(form: Form, make: (zod: Zod) => S): JsonType<S> {
  let schema: S | undefined;
  return { form, schema: (zod) => schema ??= make(zod) };
}

/** Any text. */
export const text: JsonType<z.ZodMiniString> = jsonType({ kind: "text" }, (z) => z.string());
/** The text of an absolute URL. */
export const url: JsonType<z.ZodMiniURL> = jsonType({ kind: "text" }, (z) => z.url());
/** ISO 8601 in UTC. */
export const time: JsonType<z.iso.ZodMiniISODateTime> = jsonType({ kind: "time" }, (z) => z.iso.datetime());
/** Any number. */
export const number: JsonType<z.ZodMiniNumber> = jsonType({ kind: "number" }, (z) => z.number());
/** A whole number. */
export const integer: JsonType<z.ZodMiniNumberFormat> = jsonType({ kind: "number" }, (z) => z.int());
/** A whole number from 0. */
export const count: JsonType<z.ZodMiniNumberFormat> = jsonType(
  { kind: "number" },
  (z) => z.int().check(z.gte(0)),
);
/** A number from 0 to 100. */
export const percent: JsonType<z.ZodMiniNumber> = jsonType(
  { kind: "number" },
  (z) => z.number().check(z.gte(0), z.lte(100)),
);
/** True or false. */
export const boolean: JsonType<z.ZodMiniBoolean> = jsonType({ kind: "boolean" }, (z) => z.boolean());
/** Null. */
export const nothing: JsonType<z.ZodMiniNull> = jsonType({ kind: "null" }, (z) => z.null());

/** One of these texts. A reader takes any text, since another version may have more. */
export function oneOf<const Values extends readonly string[]>(
  ...values: Values
): JsonType<z.ZodMiniEnum<{ [Value in Values[number]]: Value }>> {
  return jsonType({ kind: "one_of", values }, (z) => z.enum(values));
}

/** Always this value. */
export function always<const Value extends string | boolean>(
  value: Value,
): JsonType<z.ZodMiniLiteral<Value>> {
  return jsonType({ kind: "one_of", values: [value] }, (z) => z.literal(value));
}

/** A value, or null. */
export function orNull<S extends z.ZodMiniType>(of: JsonType<S>): JsonType<z.ZodMiniNullable<S>> {
  return jsonType({ kind: "or_null", of }, (z) => z.nullable(of.schema(z)));
}

/** Of a field that may be absent. */
export function optional<S extends z.ZodMiniType>(of: JsonType<S>): JsonType<z.ZodMiniExactOptional<S>> {
  return jsonType({ kind: "optional", of }, (z) => z.exactOptional(of.schema(z)));
}

/** A list of such values. */
export function list<S extends z.ZodMiniType>(of: JsonType<S>): JsonType<z.ZodMiniArray<S>> {
  return jsonType({ kind: "list", of }, (z) => z.array(of.schema(z)));
}

/** An object of such values under names that differ. */
export function byName<S extends z.ZodMiniType>(
  of: JsonType<S>,
): JsonType<z.ZodMiniRecord<z.ZodMiniString, S>> {
  return jsonType({ kind: "by_name", of }, (z) => z.record(z.string(), of.schema(z)));
}

/** A value of one of these types. */
export function anyOf<const Schemas extends readonly z.ZodMiniType[]>(
  ...types: { readonly [Index in keyof Schemas]: JsonType<Schemas[Index]> }
): JsonType<z.ZodMiniUnion<Schemas>> {
  return jsonType({ kind: "any_of", types }, (z) => {
    const schemas: unknown = types.map(({ schema }) => schema(z));
    return z.union(schemas as Schemas);
  });
}

/** An object with these fields and no others. */
export function object<F extends Fields>(fields: F): JsonType<ObjectOf<F>> {
  return jsonType({ kind: "object", fields }, (z) => {
    const schemas = Object.entries(fields).map(([name, { type }]) => [name, type.schema(z)] as const);
    return z.strictObject(Object.fromEntries(schemas)) as unknown as ObjectOf<F>;
  });
}

/** The schema of an object with these fields. */
export type ObjectOf<F extends Fields> = z.ZodMiniObject<
  { [Name in keyof F]: F[Name] extends Field<infer S> ? S : never },
  z.core.$strict
>;

/** A value of this type; nothing in it can be changed. */
export type ValueOf<T extends JsonType> = ReadonlyDeep<z.core.output<ReturnType<T["schema"]>>>;

/** The same value, readonly at every depth. */
export type ReadonlyDeep<T> = T extends object ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> } : T;
