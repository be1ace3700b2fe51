import assert from "node:assert/strict";
import fc from "fast-check";
import { EventScan } from "../../src/upstream/sse_scan.ts";

const CAPTURED = new Set(["response.failed", "codex.rate_limits"]);

/** What is heard when `text` comes in pieces that end at `cuts`: names, and the data of captured events. */
function heardIn(text: string, cuts: readonly number[] = []): [string, string?][] {
  const heard: [string, string?][] = [];
  const scan = new EventScan(
    CAPTURED,
    (name, data) => heard.push(data === undefined ? [name] : [name, data]),
  );
  const bytes = new TextEncoder().encode(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    scan.feed(bytes.subarray(from, end));
    from = end;
  }
  return heard;
}

const LONG = "x".repeat(500);

/** `[what, text, heard]` */
const STREAMS: [string, string, [string, string?][]][] = [
  ["named events", "event: a.b\ndata: {}\n\nevent: c\ndata: {}\n\n", [["a.b"], ["c"]]],
  ["CRLF lines", "event: a\r\ndata: {}\r\n\r\n", [["a"]]],
  ["events named in their data only", 'data: {"type":"response.completed","response":{}}\n\n', [[
    "response.completed",
  ]]],
  ["the name before the data's type", 'event: a\ndata: {"type":"b"}\n\n', [["a"]]],
  ["comments and other fields", ": hello\nid: 7\nretry: 1\n\n", []],
  ["an event that is not yet whole", "event: response.completed\ndata: {}\n", []],
  ["a name inside long data", `event: a\ndata: {"delta":"${LONG}event: b"}\n\n`, [["a"]]],
  ["a line that looks like an event inside a text", 'event: a\ndata: {"t":"\\nevent: b\\n\\n"}\n\n', [["a"]]],
  ["a chat stream's end", "data: [DONE]\n\n", []],
  ["the data of a captured event", 'event: response.failed\ndata: {"a":1}\n\n', [[
    "response.failed",
    '{"a":1}',
  ]]],
  ["long captured data", `event: response.failed\ndata: {"a":"${LONG}"}\n\nevent: b\n\n`, [
    ["response.failed", `{"a":"${LONG}"}`],
    ["b"],
  ]],
  ["captured data that names its event", `data: {"type":"response.failed","a":"${LONG}"}\n\n`, [
    ["response.failed", `{"type":"response.failed","a":"${LONG}"}`],
  ]],
];

for (const [what, text, heard] of STREAMS) {
  Deno.test(`EventScan hears ${what}`, () => assert.deepEqual(heardIn(text), heard));
}

Deno.test("EventScan hears the same however the bytes are cut", () => {
  const text = STREAMS.filter(([what]) => !what.includes("not yet whole")).map(([, stream]) => stream).join(
    "",
  );
  const whole = heardIn(text);
  fc.assert(fc.property(fc.array(fc.nat()), (cuts) => assert.deepEqual(heardIn(text, cuts), whole)));
  assert.deepEqual(heardIn(text, Array.from({ length: text.length }, (_, at) => at)), whole);
});

Deno.test("EventScan holds no more than its limit of one event", () => {
  const [failed] = heardIn(`event: response.failed\ndata: ${"x".repeat(200_000)}\n\n`);
  assert.ok(failed![1]!.length <= 65_536);
});
