/**
 * The rows of docs/json.md: each field of an object with its type as text and what it means.
 * @module
 */

import type { Fields, Form, JsonType } from "../../src/api/json_types.ts";
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
export function fieldRows(type: JsonType, lead = ""): readonly FieldRow[] {
  return Object.entries(fieldsOf(type)).flatMap(([name, { type: inner, meaning }]) => {
    const path = lead + name;
    return [{ path, type: typeText(inner), meaning }, ...innerRows(inner, path)];
  });
}

/** The fields of an object; none for another type. */
export function fieldsOf({ form }: JsonType): Fields {
  return form.kind === "object" ? form.fields : {};
}

function innerRows(type: JsonType, path: string): readonly FieldRow[] {
  if (NAMES.has(type)) return [];
  const { form } = type;
  switch (form.kind) {
    case "object":
      return fieldRows(type, `${path}.`);
    case "list":
      return innerRows(form.of, `${path}[]`);
    case "or_null":
    case "optional":
      return innerRows(form.of, path);
    default:
      return [];
  }
}

/** The type as the page writes it. */
export function typeText(type: JsonType): string {
  const name = NAMES.get(type);
  if (name !== undefined) return `[${name}](#${name.toLowerCase().replaceAll(" ", "-")})`;
  const { form } = type;
  switch (form.kind) {
    case "object":
      return "object";
    case "list":
      return listText(form.of);
    case "by_name":
      return `${typeText(form.of)} by name`;
    case "or_null":
      return alternatives([...choicesOf(form.of), "null"]);
    case "optional":
      return `${typeText(form.of)}, may be absent`;
    default:
      return alternatives(choicesOf(type));
  }
}

function listText(entry: JsonType): string {
  if (entry.form.kind === "object" && !NAMES.has(entry)) return "list";
  return entry.form.kind === "text" ? "list of texts" : `list of ${typeText(entry)}`;
}

/** The values that are allowed, or one word for them. */
function choicesOf(type: JsonType): readonly string[] {
  const { form } = type;
  switch (form.kind) {
    case "boolean":
      return ["true", "false"];
    case "one_of":
      return form.values.map((value) => typeof value === "string" ? code(value) : String(value));
    case "any_of":
      return form.types.flatMap(choicesOf);
    case "text":
    case "time":
    case "number":
    case "null":
      return [form.kind satisfies Form["kind"]];
    default:
      return [typeText(type)];
  }
}

function alternatives(choices: readonly string[]): string {
  const last = choices.at(-1)!;
  return choices.length === 1 ? last : `${choices.slice(0, -1).join(", ")} or ${last}`;
}
