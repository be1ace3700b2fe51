import assert from "node:assert/strict";
import * as z from "zod/mini";
import {
  always,
  anyOf,
  boolean,
  byName,
  count,
  field,
  integer,
  type JsonType,
  jsonType,
  list,
  needed,
  nothing,
  number,
  object,
  oneOf,
  optional,
  orNull,
  percent,
  text,
  time,
  url,
} from "../../src/api/json_types.ts";

const point = object({ x: needed(number, "to the right"), label: field(optional(text), "its name") });
const NOW = "2027-01-15T08:00:00.000Z";

const TYPES: readonly { name: string; type: JsonType; allows: unknown[]; refuses: unknown[] }[] = [
  { name: "text", type: text, allows: ["", "a"], refuses: [1, null, undefined] },
  { name: "url", type: url, allows: ["http://127.0.0.1:8317"], refuses: ["8317", ""] },
  { name: "time", type: time, allows: [NOW], refuses: ["soon", "2027-01-15T08:00:00+01:00", 0] },
  { name: "number", type: number, allows: [0, -1.5], refuses: ["1", NaN, Infinity] },
  { name: "integer", type: integer, allows: [0, -1], refuses: [1.5] },
  { name: "count", type: count, allows: [0, 7], refuses: [-1, 1.5] },
  { name: "percent", type: percent, allows: [0, 12.5, 100], refuses: [-1, 101] },
  { name: "boolean", type: boolean, allows: [true, false], refuses: [0, "true"] },
  { name: "nothing", type: nothing, allows: [null], refuses: [undefined, 0, {}] },
  { name: "oneOf()", type: oneOf("on", "off"), allows: ["on", "off"], refuses: ["On", "", null] },
  { name: "always()", type: always(false), allows: [false], refuses: [true, null] },
  { name: "orNull()", type: orNull(count), allows: [0, null], refuses: [undefined, -1] },
  { name: "list()", type: list(count), allows: [[], [1, 2]], refuses: [[-1], {}, null] },
  { name: "byName()", type: byName(count), allows: [{}, { a: 1 }], refuses: [{ a: -1 }, [], null] },
  { name: "anyOf()", type: anyOf(text, nothing), allows: ["a", null], refuses: [1] },
  {
    name: "object()",
    type: point,
    allows: [{ x: 1 }, { x: 1, label: "a" }],
    refuses: [{}, { x: "1" }, { x: 1, y: 2 }, { x: 1, label: undefined }, null],
  },
];

for (const { name, type, allows, refuses } of TYPES) {
  Deno.test(`${name} allows what this version writes, and nothing else`, () => {
    const isAllowed = (value: unknown) => z.safeParse(type.schema(z), value).success;
    assert.deepEqual(allows.filter((value) => !isAllowed(value)), []);
    assert.deepEqual(refuses.filter(isAllowed), []);
  });
}

Deno.test("field() and needed() say what a field means", () => {
  assert.deepEqual(field(text, "the key"), { type: text, meaning: "the key", isNeeded: false });
  assert.deepEqual(needed(text, "the key"), { type: text, meaning: "the key", isNeeded: true });
});

Deno.test("jsonType() makes its schema at the first use, and once", () => {
  let made = 0;
  const type = jsonType({ kind: "text" }, () => {
    made++;
    return z.string();
  });
  list(orNull(type));
  assert.equal(made, 0);
  assert.equal(type.schema(z), type.schema(z));
  assert.equal(made, 1);
});
