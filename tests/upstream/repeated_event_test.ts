import assert from "node:assert/strict";
import { RepeatedEvent } from "../../src/upstream/repeated_event.ts";

const NAME = "response.output_text.delta";
const DATA = `data: {"type":"${NAME}","delta":"x"}\n\n`;
const BOTH = `event: ${NAME}\n${DATA}`;

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function knowing(text: string, { name = NAME, isFieldTrusted = true } = {}): RepeatedEvent {
  const repeated = new RepeatedEvent();
  repeated.learn(bytes(text), 0, { name, isFieldTrusted });
  return repeated;
}

const ROWS: readonly (readonly [what: string, learned: string, next: string, end: number])[] = [
  ["the same event", BOTH, BOTH, BOTH.length],
  ["the same event without a field", DATA, DATA, DATA.length],
  ["another delta", BOTH, BOTH.replace('"x"', '"yyy"'), BOTH.length + 2],
  ["one that another follows", DATA, DATA + BOTH, DATA.length],
  ["one with another name", DATA, DATA.replace("delta", "done"), -1],
  ["one whose name goes on", DATA, DATA.replace("delta", "deltas"), -1],
  ["one with a further line", DATA, DATA.replace("\n\n", "\nid: 1\n\n"), -1],
  ["one with other line ends", DATA, DATA.replaceAll("\n", "\r\n"), -1],
  ["one with a lone CR in its data", DATA, DATA.replace('"x"', '"\r"'), -1],
  ["one that is not whole", DATA, DATA.slice(0, -1), -1],
  ["one that has hardly begun", DATA, DATA.slice(0, 9), -1],
  ["one that begins otherwise", DATA, BOTH, -1],
  ["any, after one that begins with a comment", `: c\n${DATA}`, `: c\n${DATA}`, -1],
];

for (const [what, learned, next, end] of ROWS) {
  Deno.test(`RepeatedEvent ${end < 0 ? "leaves" : "passes over"} ${what}`, () => {
    assert.equal(knowing(learned).endOf(bytes(next), 0), end);
  });
}

Deno.test("RepeatedEvent trusts no field that does not name the data", () => {
  const text = `event: custom\ndata: {"type":"custom"}\n\n`;
  assert.equal(knowing(text, { name: "custom", isFieldTrusted: false }).endOf(bytes(text), 0), -1);
});

Deno.test("RepeatedEvent knows nothing at first, and passes over no event with a long name", () => {
  assert.equal(new RepeatedEvent().endOf(bytes(DATA), 0), -1);
  const name = "n".repeat(101);
  const text = `data: {"type":"${name}"}\n\n`;
  assert.equal(knowing(text, { name }).endOf(bytes(text), 0), -1);
});
