import assert from "node:assert/strict";
import fc from "fast-check";
import { EventReader, type StreamEvent } from "../../src/upstream/event_reader.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const WANTED = new Set(["response.failed", "error", "codex.rate_limits"]);

interface Read {
  readonly events: StreamEvent[];
  /** In the order in which they became known. */
  readonly names: string[];
}

function read(pieces: readonly Uint8Array[]): Read {
  const found: Read = { events: [], names: [] };
  const reader = new EventReader({
    wants: (name) => WANTED.has(name),
    onName: (name) => found.names.push(name),
    onEvent: (event) => found.events.push(event),
  });
  for (const piece of pieces) reader.feed(piece);
  reader.end();
  return found;
}

function readText(text: string): Read {
  return read([new TextEncoder().encode(text)]);
}

const QUOTA = '{"type":"response.failed","response":{"error":{"code":"usage_limit_reached"}}}';
const FRAMINGS: Readonly<Record<string, string>> = {
  "event and data": `event: response.failed\ndata: ${QUOTA}\n\n`,
  "no blank after the colon": `event:response.failed\ndata:${QUOTA}\n\n`,
  "data before event": `data: ${QUOTA}\nevent: response.failed\n\n`,
  "data alone": `data: ${QUOTA}\n\n`,
  "event: message": `event: message\ndata: ${QUOTA}\n\n`,
  "a foreign event name": `event: delta\ndata: ${QUOTA}\n\n`,
  "CRLF": `event: response.failed\r\ndata: ${QUOTA}\r\n\r\n`,
  "CR": `event: response.failed\rdata: ${QUOTA}\r\r`,
  "a byte order mark": `\uFEFFdata: ${QUOTA}\n\n`,
  "type not first":
    'data: {"response":{"error":{"code":"usage_limit_reached"}},"type":"response.failed"}\n\n',
  "sequence_number first":
    'data: {"sequence_number":1,"type":"response.failed","response":{"error":{"code":"usage_limit_reached"}}}\n\n',
  "blanks in the JSON":
    'data: { "type" : "response.failed", "response" : { "error" : { "code" : "usage_limit_reached" } } }\n\n',
  "several data lines":
    'data: {"type":"response.failed",\ndata: "response":{"error":\ndata: {"code":"usage_limit_reached"}}}\n\n',
  "no blank line at the end": `data: ${QUOTA}`,
  "one line end at the end": `data: ${QUOTA}\n`,
  "comments around it": `: ping\n\n: ping\ndata: ${QUOTA}\n: pong\n\n`,
  "id and retry": `id: 7\nretry: 10\nevent: response.failed\ndata: ${QUOTA}\n\n`,
  "a field without colon": `data\nfoo\ndata: ${QUOTA}\n\n`,
};

for (const [what, text] of Object.entries(FRAMINGS)) {
  Deno.test(`EventReader reads an event with ${what}, cut anywhere`, () => {
    const bytes = new TextEncoder().encode(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { events, names } = read([bytes.subarray(0, cut), bytes.subarray(cut)]);
      const [event] = events;
      assert.equal(events.length, 1);
      assert.equal(event!.name, "response.failed");
      const { response } = event!.outline as { response: { error: { code: string } } };
      assert.equal(response.error.code, "usage_limit_reached");
      assert.deepEqual(names, ["response.failed"]);
    }
  });
}

Deno.test("EventReader reads names with a dash, an end mark and events without a name", () => {
  const { events } = readText(
    'data: {"type":"response.reasoning-summary.delta"}\n\ndata: [DONE]\n\ndata: {"id":"chatcmpl-1","choices":[{"delta":{}}]}\n\nevent: keepalive\n\n',
  );
  assert.deepEqual(events.map(({ name }) => name), [
    "response.reasoning-summary.delta",
    "[DONE]",
    "",
    "keepalive",
  ]);
});

Deno.test("EventReader outlines an error without a name", () => {
  const { events } = readText('data: {"error":{"code":"rate_limit_exceeded"}}\n\n');
  assert.equal(JSON.stringify(events[0]!.outline), '{"error":{"code":"rate_limit_exceeded"}}');
});

Deno.test("EventReader passes over comments", () => {
  assert.deepEqual(readText(": keep-alive\n\n:\n\n").events, []);
});

Deno.test("EventReader tells a name before the event is whole", () => {
  for (
    const start of [
      "event: response.output_text.delta\n",
      'data: {"type":"response.output_text.delta","delta":"x',
    ]
  ) {
    const names: string[] = [];
    const reader = new EventReader({
      wants: () => false,
      onName: (name) => names.push(name),
      onEvent: () => {},
    });
    reader.feed(new TextEncoder().encode(start));
    assert.deepEqual(names, ["response.output_text.delta"]);
  }
});

Deno.test("EventReader counts the bytes of an event that has no name yet", () => {
  const reader = new EventReader({ wants: () => false, onName: () => {}, onEvent: () => {} });
  reader.feed(new TextEncoder().encode(`data: {"delta":"${"x".repeat(1000)}`));
  assert.equal(reader.unnamedBytes, 1010);
  reader.feed(new TextEncoder().encode('","type":"a"}\n\n'));
  assert.equal(reader.unnamedBytes, 0);
});

Deno.test("EventReader finds the code of an event of megabytes", () => {
  const event = {
    type: "response.failed",
    response: { tools: "x".repeat(3e6), error: { code: "usage_limit_reached" } },
  };
  const { events } = readText(`event: response.failed\ndata: ${JSON.stringify(event)}\n\n`);
  assert.match(JSON.stringify(events[0]!.outline), /"error":\{"code":"usage_limit_reached"\}/);
});

const eventArb = fc.record({
  type: fc.constantFrom(
    "response.created",
    "response.output_text.delta",
    "response.failed",
    "keepalive",
    "custom-1",
  ),
  delta: fc.string({ maxLength: 30 }),
});

Deno.test("EventReader reads the same events in every framing and cutting", () => {
  const framing = fc.record({
    lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
    hasField: fc.boolean(),
    isTypeLast: fc.boolean(),
    hasMark: fc.boolean(),
    comment: fc.constantFrom("", ": c"),
    piece: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(
      fc.array(eventArb, { maxLength: 6 }),
      framing,
      (list, { lineEnd, hasField, isTypeLast, hasMark, comment, piece }) => {
        const lines = list.flatMap(({ type, delta }) => [
          ...(comment ? [comment] : []),
          ...(hasField ? [`event: ${type}`] : []),
          `data: ${JSON.stringify(isTypeLast ? { delta, type } : { type, delta })}`,
          "",
        ]);
        const bytes = new TextEncoder().encode(
          (hasMark ? "\uFEFF" : "") + lines.map((line) => line + lineEnd).join(""),
        );
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += piece) pieces.push(bytes.subarray(at, at + piece));
        const { events, names } = read(pieces);
        assert.deepEqual(events.map(({ name }) => name), list.map(({ type }) => type));
        assert.deepEqual(names, list.map(({ type }) => type));
      },
    ),
    { numRuns: fuzzRuns() },
  );
});

Deno.test("EventReader takes any bytes", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), (pieces) => {
      read(pieces);
    }),
    { numRuns: fuzzRuns() },
  );
});

// What can follow one event, and begin as it does or nearly so.
const lineArb = fc.constantFrom(
  "event: response.output_text.delta",
  "event: response.output_text.done",
  "event: custom-1",
  "event: response.failed",
  'data: {"type":"response.output_text.delta","delta":"x"}',
  'data: {"type":"response.output_text.delta"',
  'data: {"type":"response.output_text.deltas"}',
  'data: {"type":"response.failed","response":{"error":{"code":"a"}}}',
  'data: {"type":"custom-1","delta":"x"}',
  'data: {"delta":"x"}',
  "data: ",
  "data: [DONE]",
  "id: 7",
  ": c",
  "",
);

Deno.test("EventReader passes over repeated events as if it read each of them", () => {
  const lines = fc.array(fc.tuple(lineArb, fc.constantFrom("\n", "\n", "\n", "\n\n", "\r\n", "\r")), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(lines, fc.nat(), (parts, cut) => {
      // Twice, so that the second half repeats the first.
      const bytes = new TextEncoder().encode(parts.map(([line, end]) => line + end).join("").repeat(2));
      const at = bytes.length === 0 ? 0 : cut % bytes.length;
      // In single bytes no event is whole in its chunk.
      const one = read(Array.from(bytes, (byte) => Uint8Array.of(byte)));
      assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)]), one);
      assert.deepEqual(read([bytes]), one);
    }),
    { numRuns: fuzzRuns() },
  );
});
