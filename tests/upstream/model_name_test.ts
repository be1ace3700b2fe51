import fc from "fast-check";
import assert from "node:assert/strict";
import { WORK_BYTES } from "../../src/system/turns.ts";
import { textWithModelNamed, withModelNamed } from "../../src/upstream/model_name.ts";
import { joined } from "../../src/values/bytes.ts";

const NAMES = { "gpt-6.1-sol": "gpt-6.1", short: "a-much-longer-name" };

async function renamed(text: string): Promise<string> {
  const parts = await withModelNamed(new TextEncoder().encode(text), NAMES);
  return parts ? new TextDecoder().decode(joined(parts)) : text;
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
  [
    "a model whose name has an escaped quote",
    String.raw`{"model":"\"short","a":"short"}`,
    String.raw`{"model":"\"short","a":"short"}`,
  ],
  ["a model with a very long name", `{"model":"${"x".repeat(200)}"}`, `{"model":"${"x".repeat(200)}"}`],
  ["no JSON", "model=short", "model=short"],
];

for (const [what, before, after] of BODIES) {
  Deno.test(`withModelNamed() of a body with ${what}`, async () => {
    assert.equal(await renamed(before), after);
    assert.equal(textWithModelNamed(before, NAMES), after);
  });
}

Deno.test("withModelNamed() changes the model alone, wherever it is", async () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  await fc.assert(fc.asyncProperty(value, value, fc.constantFrom("", " "), async (before, after, indent) => {
    const body = { before, model: "short", after };
    const wanted = JSON.stringify({ ...body, model: "a-much-longer-name" }, null, indent);
    assert.equal(await renamed(JSON.stringify(body, null, indent)), wanted);
  }));
});

Deno.test("withModelNamed() finds the model after a long text, wherever a stretch of the search ends", async () => {
  for (let shift = 0; shift < 24; shift++) {
    const input = String.raw`\"\\`.repeat(10) + "x".repeat(WORK_BYTES - 60 + shift);
    const body = (model: string) => `{"a":{"model":"short"},"input":"${input}","model":"${model}"}`;
    assert.equal(await renamed(body("short")), body("a-much-longer-name"));
  }
});

Deno.test("withModelNamed() copies no body, and lets other work have its turn", async () => {
  const json = new TextEncoder().encode(`{"input":[${"[1],".repeat(2 ** 21)}1],"model":"short"}`);
  let turnsOfOthers = 0;
  const timer = setInterval(() => turnsOfOthers++, 0);
  const named = await withModelNamed(json, NAMES);
  clearInterval(timer);
  assert.deepEqual(named?.map(({ buffer }) => buffer === json.buffer), [true, false, true]);
  assert.ok(turnsOfOthers > 0);
});
