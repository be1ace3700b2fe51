import assert from "node:assert/strict";
import {
  always,
  anyOf,
  boolean,
  byName,
  count,
  field,
  list,
  needed,
  nothing,
  number,
  object,
  oneOf,
  optional,
  orNull,
  text,
  time,
} from "../../src/api/json_types.ts";
import { received } from "../../src/api/received.ts";

const entry = object({ id: needed(count, "id"), note: field(text, "note") });
const page = object({
  state: needed(oneOf("on", "off"), "state"),
  size: field(count, "size"),
  isOpen: field(boolean, "open"),
  kind: field(always("page"), "kind"),
  fixed: field(always(false), "fixed"),
  value: field(anyOf(text, number, nothing), "value"),
  at: field(orNull(time), "at"),
  extra: field(optional(number), "extra"),
  last: field(orNull(entry), "last"),
  entries: field(list(entry), "entries"),
  byName: field(byName(entry), "by name"),
  inner: field(object({ depth: field(count, "depth") }), "inner"),
});

const FULL = {
  state: "on",
  size: 3,
  isOpen: true,
  kind: "page",
  fixed: false,
  value: null,
  at: "2027-01-15T08:00:00.000Z",
  extra: 1,
  last: { id: 1, note: "a" },
  entries: [{ id: 2, note: "b" }],
  byName: { c: { id: 3, note: "c" } },
  inner: { depth: 2 },
};
const NOTHING = {
  size: 0,
  isOpen: false,
  kind: "",
  fixed: false,
  value: "",
  at: null,
  last: null,
  entries: [],
  byName: {},
  inner: { depth: 0 },
};

const CASES: readonly { what: string; json: unknown; reads: unknown }[] = [
  { what: "a page of this version", json: FULL, reads: FULL },
  {
    what: "fields and texts of a newer version",
    json: { ...FULL, state: "resting", more: [1], last: { id: 1, note: "a", more: {} } },
    reads: { ...FULL, state: "resting", more: [1], last: { id: 1, note: "a", more: {} } },
  },
  {
    what: "a page that lacks all that it may lack",
    json: { state: "on" },
    reads: { state: "on", ...NOTHING },
  },
  {
    what: "fields of other types",
    json: {
      state: "off",
      size: "3",
      isOpen: null,
      kind: 1,
      fixed: "no",
      value: {},
      at: "soon",
      extra: "1",
      last: [],
      entries: {},
      byName: [],
      inner: 7,
    },
    reads: { state: "off", ...NOTHING },
  },
  {
    what: "entries without what they need",
    json: {
      ...FULL,
      last: { note: "a" },
      entries: [null, { note: "b" }, { id: 9 }],
      byName: { c: {}, d: { id: 4 } },
    },
    reads: { ...FULL, last: null, entries: [{ id: 9, note: "" }], byName: { d: { id: 4, note: "" } } },
  },
  {
    what: "numbers that this version would not write",
    json: { ...FULL, size: -1.5 },
    reads: { ...FULL, size: -1.5 },
  },
];

for (const { what, json, reads } of CASES) {
  Deno.test(`received() reads ${what}`, () => {
    assert.deepEqual(received(page, json), reads);
  });
}

for (const json of [undefined, null, 7, "on", [], {}, { state: 1 }, { state: null }]) {
  Deno.test(`received() cannot read ${JSON.stringify(json)} as a page that needs a state`, () => {
    assert.equal(received(page, json), undefined);
  });
}

Deno.test("received() changes nothing in what it is given", () => {
  const json = Object.freeze({ state: "on" });
  received(page, json);
  assert.deepEqual(json, { state: "on" });
});
