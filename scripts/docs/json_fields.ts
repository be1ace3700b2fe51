/**
 * The rows of docs/json.md: each field of a schema with its type as text and what it means.
 * @module
 */

import type * as z from "zod/mini";
import { fieldsOf } from "../../src/api/fields.ts";
import { NAMES } from "./json_outputs.ts";
import { code } from "./markdown.ts";

/** One row of a table of fields. */
export interface FieldRow {
  /** `outer.inner`, and `list[].inner` for the fields of an entry. */
  readonly path: string;
  readonly type: string;
  readonly meaning: string;
}

/** Every field of an object. A shape with a name of its own is linked to, not looked into. */
export function fieldRows(schema: z.core.$ZodType, lead = ""): readonly FieldRow[] {
  return Object.entries(fieldsOf(schema)).flatMap(([name, { schema: field, meaning }]) => {
    const path = lead + name;
    return [{ path, type: typeText(field), meaning }, ...innerRows(field, path)];
  });
}

/** Whether a field with this schema may be left out. */
export function isOptional(schema: z.core.$ZodType): boolean {
  return zod(schema).def.type === "optional";
}

function innerRows(schema: z.core.$ZodType, path: string): readonly FieldRow[] {
  if (NAMES.has(schema)) return [];
  const { def } = zod(schema);
  switch (def.type) {
    case "object":
      return fieldRows(schema, `${path}.`);
    case "array":
      return innerRows(def.element, `${path}[]`);
    case "nullable":
    case "optional":
      return innerRows(def.innerType, path);
    default:
      return [];
  }
}

/** The type of a JSON value of this schema, as the page writes it. */
export function typeText(schema: z.core.$ZodType): string {
  const name = NAMES.get(schema);
  if (name !== undefined) return `[${name}](#${name.toLowerCase().replaceAll(" ", "-")})`;
  const { def } = zod(schema);
  switch (def.type) {
    case "object":
      return "object";
    case "array":
      return listText(def.element);
    case "record":
      return `${typeText(def.valueType)} by name`;
    case "nullable":
      return alternatives([...choicesOf(def.innerType), "null"]);
    case "optional":
      return `${typeText(def.innerType)}, may be absent`;
    default:
      return alternatives(choicesOf(schema));
  }
}

function listText(entry: z.core.$ZodType): string {
  const { def } = zod(entry);
  if (def.type === "object" && !NAMES.has(entry)) return "list";
  return def.type === "string" ? "list of texts" : `list of ${typeText(entry)}`;
}

/** The values that are allowed, or the one word for them. */
function choicesOf(schema: z.core.$ZodType): readonly string[] {
  const { def } = zod(schema);
  switch (def.type) {
    case "string":
      return ["format" in def && def.format === "datetime" ? "time" : "text"];
    case "number":
      return ["number"];
    case "boolean":
      return ["true", "false"];
    case "null":
      return ["null"];
    case "enum":
      return Object.values(def.entries).map((value) => code(String(value)));
    case "literal":
      return def.values.map((value) => typeof value === "string" ? code(value) : String(value));
    case "union":
      return def.options.flatMap(choicesOf);
    default:
      return [typeText(schema)];
  }
}

function alternatives(choices: readonly string[]): string {
  const last = choices.at(-1)!;
  return choices.length === 1 ? last : `${choices.slice(0, -1).join(", ")} or ${last}`;
}

function zod(schema: z.core.$ZodType): { readonly def: z.core.$ZodTypes["_zod"]["def"] } {
  return (schema as z.core.$ZodTypes)._zod;
}
