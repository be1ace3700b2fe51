import assert from "node:assert/strict";
import fc from "fast-check";
import { EventScan } from "../../src/proxy/sse_scan.ts";

/** The names heard when `text` comes in pieces that end at `cuts`. */
function namesIn(text: string, cuts: readonly number[] = []): string[] {
  const names: string[] = [];
  const scan = new EventScan((name) => names.push(name));
  const bytes = new TextEncoder().encode(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    scan.feed(bytes.subarray(from, end));
    from = end;
  }
  return names;
}

/** `[what, text, names]` */
const STREAMS: [string, string, string[]][] = [
  ["named events", "event: a.b\ndata: {}\n\nevent: c\ndata: {}\n\n", ["a.b", "c"]],
  ["CRLF lines", "event: a\r\ndata: {}\r\n\r\n", ["a"]],
  ["events named in their data only", 'data: {"type":"response.completed","response":{}}\n\n', [
    "response.completed",
  ]],
  ["the name before the data's type", 'event: a\ndata: {"type":"b"}\n\n', ["a"]],
  ["comments and other fields", ": hello\nid: 7\nretry: 1\n\n", []],
  ["an event that is not yet whole", "event: response.completed\ndata: {}\n", []],
  ["a name inside long data", `event: a\ndata: {"delta":"${"x".repeat(500)}event: b"}\n\n`, ["a"]],
  ["a line that looks like an event inside a text", 'event: a\ndata: {"t":"\\nevent: b\\n\\n"}\n\n', ["a"]],
  ["a chat stream's end", "data: [DONE]\n\n", []],
];

for (const [what, text, names] of STREAMS) {
  Deno.test(`EventScan hears ${what}`, () => assert.deepEqual(namesIn(text), names));
}

Deno.test("EventScan hears the same however the bytes are cut", () => {
  const text = STREAMS.map(([, stream]) => stream).join("");
  const whole = namesIn(text);
  fc.assert(fc.property(fc.array(fc.nat()), (cuts) => assert.deepEqual(namesIn(text, cuts), whole)));
  assert.deepEqual(namesIn(text, Array.from({ length: text.length }, (_, at) => at)), whole);
});
