import assert from "node:assert/strict";
import fc from "fast-check";
import { remembered } from "../../src/values/remembered.ts";

function counted() {
  let calls = 0;
  const act = remembered((text) => {
    calls++;
    return text.length;
  });
  return { act, calls: () => calls };
}

Deno.test("remembered() works out once what is asked again", () => {
  const { act, calls } = counted();
  assert.deepEqual(["a", "bb", "a", "bb", "a"].map(act), [1, 2, 1, 2, 1]);
  assert.equal(calls(), 2);
});

Deno.test("remembered() keeps falsy values", () => {
  const { act, calls } = counted();
  assert.deepEqual([act(""), act("")], [0, 0]);
  assert.equal(calls(), 1);
});

Deno.test("remembered() keeps 256 texts, and drops the one that came first", () => {
  const { act, calls } = counted();
  for (let number = 0; number < 257; number++) act(String(number));
  act("256");
  act("1");
  assert.equal(calls(), 257);
  act("0");
  assert.equal(calls(), 258);
});

Deno.test("remembered() keeps nothing of a long text", () => {
  const { act, calls } = counted();
  for (const length of [256, 256, 257, 257]) act("x".repeat(length));
  assert.equal(calls(), 3);
});

Deno.test("remembered() gives what the function gives", () => {
  fc.assert(fc.property(fc.array(fc.string()), (texts) => {
    const upper = (text: string) => text.toUpperCase();
    assert.deepEqual(texts.map(remembered(upper)), texts.map(upper));
  }));
});
