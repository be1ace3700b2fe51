/**
 * Reads an answer of a proxy that may be older or newer than this program. A page is declared as this version writes
 * it; reading is looser:
 *
 * - fields that are not declared are kept;
 * - a text of which the declaration lists the allowed ones may be another one;
 * - a field that is missing, or of another type, reads as nothing: null, 0, false, "", [] or {}, or stays absent;
 * - an object without a field that is declared as needed cannot be read. It is left out of a list, and reads as
 *   nothing in a field. A page that cannot be read is not one of a cdx2 proxy.
 *
 * The declaration is followed directly: to build a second, loose schema from it would take `status` longer than
 * reading the answer does.
 * @module
 */

import type * as z from "zod/mini";
import { isObject, member } from "../values/json.ts";
import { type Field, fieldsOf, type ValueOf } from "./fields.ts";

/** A value as any version writes it: where this version has a few texts, another one may have more. */
export type Received<T> = T extends string ? string extends T ? T : T | UnlistedText
  : T extends boolean ? boolean
  : T extends object ? { readonly [K in keyof T]: Received<T[K]> }
  : T;

/** Any text. With plain `string`, editors would no longer show the listed ones. */
export type UnlistedText = string & Record<never, never>;

/** The value read as `schema` declares it; `undefined` when it cannot be. */
export function received<S extends z.core.$ZodType>(
  schema: S,
  value: unknown,
): Received<ValueOf<S>> | undefined {
  const reading = read(schema, value);
  return reading === UNREADABLE ? undefined : reading as Received<ValueOf<S>>;
}

const UNREADABLE: unique symbol = Symbol("cannot be read");

/** The value, or {@link UNREADABLE}. */
function read(schema: z.core.$ZodType, value: unknown): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return isObject(value) ? readObject(schema, value) : UNREADABLE;
    case "array":
      return Array.isArray(value) ? readable(value.map((entry) => read(def.element, entry))) : UNREADABLE;
    case "record":
      return isObject(value) ? readRecord(def.valueType, value) : UNREADABLE;
    case "union": {
      const [reading = UNREADABLE] = readable(def.options.map((option) => read(option, value)));
      return reading;
    }
    case "nullable":
      return value === null ? null : read(def.innerType, value);
    case "optional":
      return read(def.innerType, value);
    default:
      return isOfType(def, value) ? value : UNREADABLE;
  }
}

function readObject(schema: z.core.$ZodType, value: Readonly<Record<string, unknown>>): unknown {
  const reading: Record<string, unknown> = { ...value };
  for (const [name, field] of Object.entries(fieldsOf(schema))) {
    reading[name] = readField(field, member(value, name));
    if (reading[name] === UNREADABLE) return UNREADABLE;
    if (reading[name] === undefined) delete reading[name];
  }
  return reading;
}

function readField({ schema, isNeeded }: Field, value: unknown): unknown {
  const reading = read(schema, value);
  return reading === UNREADABLE && !isNeeded ? nothingFor(schema) : reading;
}

function readRecord(entry: z.core.$ZodType, value: Readonly<Record<string, unknown>>): unknown {
  const readings = Object.entries(value).map(([name, field]) => [name, read(entry, field)] as const);
  return Object.fromEntries(readings.filter(([, reading]) => reading !== UNREADABLE));
}

function readable(readings: readonly unknown[]): readonly unknown[] {
  return readings.filter((reading) => reading !== UNREADABLE);
}

/** What a field reads as that says nothing. */
function nothingFor(schema: z.core.$ZodType): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return read(schema, {});
    case "array":
      return [];
    case "record":
      return {};
    case "union":
      return nothingFor(def.options[0]!);
    case "nullable":
      return null;
    case "optional":
      return undefined;
    default:
      return emptyLeaf(def);
  }
}

type Definition = z.core.$ZodTypes["_zod"]["def"];

function isOfType(def: Definition, value: unknown): boolean {
  if (typeof value === "number") return typeof emptyLeaf(def) === "number" && Number.isFinite(value);
  const isTime = "format" in def && def.format === "datetime";
  if (isTime) return typeof value === "string" && !Number.isNaN(Date.parse(value));
  return typeof value === typeof emptyLeaf(def) && (value === null) === (def.type === "null");
}

/** Of a value without parts; it also says what type the value has in JSON. */
function emptyLeaf(def: Definition): string | number | boolean | null {
  switch (def.type) {
    case "string":
    case "enum":
      return "";
    case "number":
      return 0;
    case "boolean":
      return false;
    case "null":
      return null;
    case "literal":
      return typeof def.values[0] === "string" ? "" : false;
    default:
      throw new Error(`received() cannot read a ${def.type}`);
  }
}
