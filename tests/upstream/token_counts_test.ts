import assert from "node:assert/strict";
import { tokenCountsIn } from "../../src/upstream/token_counts.ts";

const RESPONSE = {
  input_tokens: 900,
  input_tokens_details: { cached_tokens: 800 },
  output_tokens: 40,
};
const CHAT = { prompt_tokens: 900, prompt_tokens_details: { cached_tokens: 800 }, completion_tokens: 40 };
const ALL = { input: 900, cached: 800, output: 40 };

const OUTLINES: readonly [what: string, outline: unknown, counts: unknown][] = [
  ["a final event", { type: "response.completed", response: { usage: RESPONSE } }, ALL],
  ["an event with the usage at its top", { usage: RESPONSE }, ALL],
  ["the last chunk of a chat", { object: "chat.completion.chunk", usage: CHAT }, ALL],
  ["an answer that tells little", { usage: { output_tokens: 0 } }, {
    input: undefined,
    cached: undefined,
    output: 0,
  }],
  ["an event without usage", { response: { usage: null } }, undefined],
  ["numbers that are none", { usage: { input_tokens: "900", output_tokens: -1 } }, undefined],
  ["nothing", undefined, undefined],
];

for (const [what, outline, counts] of OUTLINES) {
  Deno.test(`tokenCountsIn() reads ${what}`, () => assert.deepEqual(tokenCountsIn(outline), counts));
}
