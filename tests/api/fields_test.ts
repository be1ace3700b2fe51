import assert from "node:assert/strict";
import * as z from "zod/mini";
import { count, field, needed, noteOf, time } from "../../src/api/fields.ts";

Deno.test("field() and needed() keep what a field means", () => {
  const [size, id] = [field(count(), "bytes"), needed(z.string(), "the name")];
  assert.deepEqual(noteOf(size), { meaning: "bytes", isNeeded: false });
  assert.deepEqual(noteOf(id), { meaning: "the name", isNeeded: true });
  assert.equal(noteOf(z.string()), undefined);
});

Deno.test("field() refuses a schema that is another field already, whose meaning would be lost", () => {
  const shared = field(z.string(), "the key");
  assert.throws(() => field(shared, "the account"), /cannot be two fields: the account/);
});

Deno.test("count() is a whole number from 0", () => {
  const allowed = [0, 1, -1, 1.5, "1", null].filter((value) => z.safeParse(count(), value).success);
  assert.deepEqual(allowed, [0, 1]);
});

Deno.test("time() is ISO 8601 in UTC", () => {
  const texts = ["2027-01-15T08:00:00.000Z", "2027-01-15T08:00:00+01:00", "soon"];
  assert.deepEqual(texts.filter((text) => z.safeParse(time(), text).success), [texts[0]]);
});
