import assert from "node:assert/strict";
import fc from "fast-check";
import { isFilled, isObject, member, numberOf, parseJson, scalarText } from "../../src/values/json.ts";
import { UNTEXTUAL } from "../support/odd_json.ts";

Deno.test("parseJson() gives the value, or undefined for what is not JSON", () => {
  assert.deepEqual(parseJson('{"a":[1]}'), { a: [1] });
  for (const broken of ["", "{", "undefined", "{'a':1}"]) assert.equal(parseJson(broken), undefined);
});

Deno.test("member() looks into anything without throwing, and only at a value's own fields", () => {
  assert.equal(member({ a: 1 }, "a"), 1);
  for (const value of [undefined, null, 1, "text", [1], {}]) assert.equal(member(value, "a"), undefined);
  assert.equal(member({}, "constructor"), undefined);
  fc.assert(fc.property(fc.anything(), fc.string(), (value, name) => void member(value, name)));
});

Deno.test("scalarText() and numberOf() make a text and a number of what is one, and never throw", () => {
  const values = ["a", "429", "", 0, -1.5, true, null, undefined, [], [7], {}, UNTEXTUAL];
  assert.deepEqual(values.map(scalarText), [
    "a",
    "429",
    "",
    "0",
    "-1.5",
    "true",
    ...values.slice(6).map(() => ""),
  ]);
  assert.deepEqual(values.map(numberOf), [
    undefined,
    429,
    undefined,
    0,
    -1.5,
    ...values.slice(5).map(() => undefined),
  ]);
  fc.assert(
    fc.property(
      fc.anything(),
      (value) => typeof scalarText(value) === "string" && Number.isFinite(numberOf(value) ?? 0),
    ),
  );
});

Deno.test("isObject() is true for JSON objects only", () => {
  assert.deepEqual([{}, { a: 1 }, [], null, "x", 1].map(isObject), [true, true, false, false, false, false]);
});

Deno.test("isFilled() is false for what is not there, null or an empty text", () => {
  const values = [undefined, null, "", " ", 0, false, {}];
  assert.deepEqual(values.map(isFilled), [false, false, false, true, true, true, true]);
});
