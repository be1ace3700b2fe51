import assert from "node:assert/strict";
import {
  type Check,
  either,
  is,
  isAbsent,
  isBoolean,
  isFields,
  isNull,
  isNumber,
  isText,
  listOf,
  shape,
} from "../../src/api/shape.ts";

const isPoint = shape<{ x: number; label?: string }>({ x: isNumber, label: either(isText, isAbsent) });

const CASES: readonly { name: string; check: Check<unknown>; passes: unknown[]; fails: unknown[] }[] = [
  { name: "isText", check: isText, passes: ["", "a"], fails: [1, null, undefined, ["a"]] },
  { name: "isBoolean", check: isBoolean, passes: [true, false], fails: ["true", 0, null] },
  { name: "isNumber", check: isNumber, passes: [0, -1.5], fails: [NaN, Infinity, "1", null] },
  { name: "isFields", check: isFields, passes: [{}, { a: 1 }], fails: [[], null, "x", undefined] },
  { name: "is()", check: is("ok"), passes: ["ok"], fails: ["OK", "", undefined] },
  { name: "either()", check: either(isText, isNull), passes: ["", null], fails: [1, undefined] },
  { name: "listOf()", check: listOf(isNumber), passes: [[], [1, 2]], fails: [[1, "2"], {}, null] },
  {
    name: "shape()",
    check: isPoint,
    passes: [{ x: 1 }, { x: 1, label: "a" }, { x: 1, more: true }],
    fails: [{}, { x: "1" }, { x: 1, label: null }, [1], null],
  },
];

for (const { name, check, passes, fails } of CASES) {
  Deno.test(`${name} tells what passes from what does not`, () => {
    assert.deepEqual(passes.filter((value) => !check(value)), []);
    assert.deepEqual(fails.filter((value) => check(value)), []);
  });
}
