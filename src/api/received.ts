/**
 * Reads an answer of a proxy that may be older or newer than this program. A page is declared as this version writes
 * it; reading is looser:
 *
 * - fields that are not declared are kept;
 * - a text of which the declaration lists the allowed ones may be another one;
 * - a field that is missing, or of another type, reads as nothing: null, 0, false, "", [] or {}, or stays absent;
 * - an object without a field that is declared as needed cannot be read. It is left out of a list, and reads as
 *   nothing in a field. A page that cannot be read is not one of a cdx2 proxy.
 * @module
 */

import { isObject, member } from "../values/json.ts";
import type { Field, Fields, Form, JsonType, ValueOf } from "./json_types.ts";

/** A value as any version writes it: where this version has a few texts, another one may have more. */
export type Received<T> = T extends string ? string extends T ? T : T | UnlistedText
  : T extends boolean ? boolean
  : T extends object ? { readonly [K in keyof T]: Received<T[K]> }
  : T;

/** Any text. With plain `string`, editors would no longer show the listed ones. */
export type UnlistedText = string & Record<never, never>;

/** The value read as a `type`; `undefined` when it cannot be. */
export function received<T extends JsonType>(type: T, value: unknown): Received<ValueOf<T>> | undefined {
  const reading = read(type.form, value);
  return reading === UNREADABLE ? undefined : reading as Received<ValueOf<T>>;
}

const UNREADABLE: unique symbol = Symbol("cannot be read");

/** The value, or {@link UNREADABLE}. */
function read(form: Form, value: unknown): unknown {
  switch (form.kind) {
    case "object":
      return isObject(value) ? readObject(form.fields, value) : UNREADABLE;
    case "list":
      return Array.isArray(value) ? readable(value.map((entry) => read(form.of.form, entry))) : UNREADABLE;
    case "by_name":
      return isObject(value) ? readEntries(form.of, value) : UNREADABLE;
    case "any_of": {
      const [reading = UNREADABLE] = readable(form.types.map((type) => read(type.form, value)));
      return reading;
    }
    case "or_null":
      return value === null ? null : read(form.of.form, value);
    case "optional":
      return read(form.of.form, value);
    case "null":
      return value === null ? null : UNREADABLE;
    case "time":
      return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : UNREADABLE;
    case "number":
      return Number.isFinite(value) ? value : UNREADABLE;
    default:
      return typeof value === typeof nothingFor(form) ? value : UNREADABLE;
  }
}

function readObject(fields: Fields, value: Readonly<Record<string, unknown>>): unknown {
  const reading: Record<string, unknown> = { ...value };
  for (const [name, field] of Object.entries(fields)) {
    reading[name] = readField(field, member(value, name));
    if (reading[name] === UNREADABLE) return UNREADABLE;
    if (reading[name] === undefined) delete reading[name];
  }
  return reading;
}

function readField({ type: { form }, isNeeded }: Field, value: unknown): unknown {
  const reading = read(form, value);
  return reading === UNREADABLE && !isNeeded ? nothingFor(form) : reading;
}

function readEntries(of: JsonType, value: Readonly<Record<string, unknown>>): unknown {
  const readings = Object.entries(value).map(([name, entry]) => [name, read(of.form, entry)] as const);
  return Object.fromEntries(readings.filter(([, reading]) => reading !== UNREADABLE));
}

function readable(readings: readonly unknown[]): readonly unknown[] {
  return readings.filter((reading) => reading !== UNREADABLE);
}

/** What a field reads as that says nothing. */
function nothingFor(form: Form): unknown {
  switch (form.kind) {
    case "object":
      return readObject(form.fields, {});
    case "list":
      return [];
    case "by_name":
      return {};
    case "any_of":
      return nothingFor(form.types[0]!.form);
    case "or_null":
    case "null":
      return null;
    case "optional":
      return undefined;
    case "text":
    case "time":
      return "";
    case "number":
      return 0;
    case "boolean":
      return false;
    case "one_of":
      return typeof form.values[0] === "string" ? "" : false;
  }
}
