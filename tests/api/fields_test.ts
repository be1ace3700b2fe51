import assert from "node:assert/strict";
import * as z from "zod/mini";
import { count, field, fieldsOf, needed, object, text, time } from "../../src/api/fields.ts";

const point = object({
  x: needed(z.number(), "to the right"),
  label: field(z.exactOptional(text), "its name"),
});

Deno.test("object() makes a schema of its fields, and of no others", () => {
  const values = [{ x: 1 }, { x: 1, label: "a" }, {}, { x: "1" }, { x: 1, y: 2 }, { x: 1, label: undefined }];
  assert.deepEqual(values.map((value) => z.safeParse(point, value).success), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("fieldsOf() has what each field of an object means", () => {
  const { x, label } = fieldsOf(point);
  assert.deepEqual([x?.meaning, x?.isNeeded], ["to the right", true]);
  assert.deepEqual([label?.meaning, label?.isNeeded], ["its name", false]);
  assert.deepEqual(fieldsOf(text), {});
});

Deno.test("a schema may be that of several fields", () => {
  const pair = fieldsOf(object({ first: field(text, "the first"), second: field(text, "the second") }));
  assert.deepEqual([pair["first"]?.meaning, pair["second"]?.meaning], ["the first", "the second"]);
});

Deno.test("count is a whole number from 0", () => {
  const allowed = [0, 1, -1, 1.5, "1", null].filter((value) => z.safeParse(count, value).success);
  assert.deepEqual(allowed, [0, 1]);
});

Deno.test("time is ISO 8601 in UTC", () => {
  const texts = ["2027-01-15T08:00:00.000Z", "2027-01-15T08:00:00+01:00", "soon"];
  assert.deepEqual(texts.filter((value) => z.safeParse(time, value).success), [texts[0]]);
});
