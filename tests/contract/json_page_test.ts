// docs/json.md names the fields that the JSON outputs are declared with, all of them and no others.

import assert from "node:assert/strict";
import * as z from "zod/mini";
import { EVENTS } from "../../src/api/events.ts";
import type { JsonType } from "../../src/api/json_types.ts";
import { EXTENDS, NAMES, OUTPUTS } from "../../scripts/docs/json_outputs.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/json.md", import.meta.url));

type JsonSchema = {
  $ref?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  $defs?: Record<string, JsonSchema>;
};

/** Makes JSON Schema refer to the shapes that the page explains once. */
const SHAPE_NAMES = z.registry<{ id: string }>();
for (const [type, id] of NAMES) SHAPE_NAMES.add(type.schema(z), { id });

/** Every field, as `outer.inner` and `list[].inner`. A shape with a name of its own is not looked into. */
function fieldsOf({ schema }: JsonType): string[] {
  const json = z.toJSONSchema(schema(z), { metadata: SHAPE_NAMES }) as JsonSchema;
  const own = json.$ref ? json.$defs![json.$ref.split("/").at(-1)!]! : json;
  return pathsIn(own, "");
}

function pathsIn({ properties = {}, items, anyOf = [] }: JsonSchema, lead: string): string[] {
  const inside = Object.entries(properties).flatMap(([name, field]) => [
    lead + name,
    ...pathsIn(field, `${lead}${name}.`),
  ]);
  const entries = items ? pathsIn(items, lead.replace(/\.$/, "[].")) : [];
  return [...inside, ...entries, ...anyOf.flatMap((variant) => pathsIn(variant, lead))];
}

/** What the first cells of the rows below a heading name. */
function documented(heading: string): string[] {
  return sectionOf(heading).flatMap((line) => namesIn(/^\| (`.*?) \| /.exec(line)?.[1] ?? ""));
}

/** The lines below a heading, without its subsections. */
function sectionOf(heading: string): string[] {
  const lines = PAGE.split("\n");
  const start = lines.findIndex((line) => /^#{2,3} /.test(line) && line.replace(/^#+ |`/g, "") === heading);
  assert.notEqual(start, -1, `docs/json.md has no heading "${heading}"`);
  const end = lines.findIndex((line, index) => index > start && line.startsWith("#"));
  return lines.slice(start + 1, end === -1 ? undefined : end);
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

for (const [heading, type] of Object.entries(OUTPUTS)) {
  Deno.test(`docs/json.md names the fields of "${heading}", and no others`, () => {
    const base = EXTENDS[heading as keyof typeof OUTPUTS];
    const known = base ? fieldsOf(OUTPUTS[base]) : [];
    const expected = fieldsOf(type).filter((field) => !known.includes(field));
    assert.deepEqual(documented(heading).sort(), expected.sort());
  });
}

Deno.test("docs/json.md names the fields of each event, and no others", () => {
  const rows = sectionOf("Fields by event").flatMap((line) => {
    const [, name, fields] = /^\| `(.*?)` *\|(.*?)\| /.exec(line) ?? [];
    return name ? [[name, namesIn(fields!).sort()] as const] : [];
  });
  const expected = Object.entries(EVENTS).map(([name, { forms }]) => [
    name,
    [...new Set(forms.flatMap((form: JsonType) => fieldsOf(form)))].sort(),
  ]);
  assert.deepEqual(Object.fromEntries(rows), Object.fromEntries(expected));
});
