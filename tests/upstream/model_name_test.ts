import fc from "fast-check";
import assert from "node:assert/strict";
import { withModelNamed } from "../../src/upstream/model_name.ts";

const NAMES = { "gpt-6.1-sol": "gpt-6.1", short: "a-much-longer-name" };

function renamed(text: string): string {
  return new TextDecoder().decode(withModelNamed(new TextEncoder().encode(text), NAMES));
}

/** `[what, before, after]` */
const BODIES: [string, string, string][] = [
  ["a model at the start", '{"model":"gpt-6.1-sol","input":[]}', '{"model":"gpt-6.1","input":[]}'],
  [
    "a longer name, and blanks",
    '{ "model" :\n "short" , "a":1}',
    '{ "model" :\n "a-much-longer-name" , "a":1}',
  ],
  [
    "a model after the input",
    '{"input":[{"model":"short"}],"model":"short"}',
    '{"input":[{"model":"short"}],"model":"a-much-longer-name"}',
  ],
  [
    "a model in a text",
    '{"input":"\\"model\\":\\"short\\"","model":"x"}',
    '{"input":"\\"model\\":\\"short\\"","model":"x"}',
  ],
  [
    "a text that ends with a backslash",
    '{"a":"\\\\","model":"short"}',
    '{"a":"\\\\","model":"a-much-longer-name"}',
  ],
  ["a value called model", '{"a":"model","model":"short"}', '{"a":"model","model":"a-much-longer-name"}'],
  ["a model in nested data only", '{"tools":[{"model":"short"}]}', '{"tools":[{"model":"short"}]}'],
  ["another model", '{"model":"gpt-7"}', '{"model":"gpt-7"}'],
  ["a model that is called like a member of objects", '{"model":"constructor"}', '{"model":"constructor"}'],
  ["a model that is not text", '{"model":7}', '{"model":7}'],
  ["no model", "{}", "{}"],
  ["a text that never ends", '{"model":"short', '{"model":"short'],
  ["no JSON", "model=short", "model=short"],
];

for (const [what, before, after] of BODIES) {
  Deno.test(`withModelNamed() of a body with ${what}`, () => assert.equal(renamed(before), after));
}

Deno.test("withModelNamed() changes the model alone, wherever it is", () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(fc.property(value, value, fc.constantFrom("", " "), (before, after, indent) => {
    const body = { before, model: "short", after };
    const wanted = JSON.stringify({ ...body, model: "a-much-longer-name" }, null, indent);
    assert.equal(renamed(JSON.stringify(body, null, indent)), wanted);
  }));
});
