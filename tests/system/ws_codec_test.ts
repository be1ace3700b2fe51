import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clientFrame,
  closePayload,
  FrameReader,
  type Opcode,
  OPCODES,
  serverFrame as ownServerFrame,
  WsFault,
  type WsMessage,
  type WsRole,
} from "../../src/system/ws_codec.ts";
import { masked, serverFrame } from "../support/ws_frames.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const LIMIT = 64 * 2 ** 20;
const encoder = new TextEncoder();

function read(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  limit = LIMIT,
  role: WsRole = "client",
): WsMessage[] {
  const reader = new FrameReader(limit, role);
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).flatMap((end, at) => [...reader.feed(bytes.slice(places[at], end))]);
}

function faultOf(bytes: Uint8Array, limit = LIMIT, role: WsRole = "client"): number | undefined {
  try {
    read(bytes, [], limit, role);
    return undefined;
  } catch (error) {
    assert(error instanceof WsFault);
    return error.code;
  }
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("FrameReader reads what was written, wherever the bytes are split", () => {
  const message = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 200 }).map((text) => ({ opcode: OPCODES.text as Opcode, text })),
    fc.string({ maxLength: 30 }).map((text) => ({ opcode: OPCODES.ping as Opcode, text })),
    fc.string({ maxLength: 30 }).map((text) => ({ opcode: OPCODES.pong as Opcode, text })),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(2000)), (messages, cuts) => {
      const bytes = concat(...messages.map(({ opcode, text }) => serverFrame(opcode, encoder.encode(text))));
      const got = read(bytes, cuts.filter((cut) => cut < bytes.length));
      assert.deepEqual(
        got.map((each) => each.kind === "text" ? each.text : each.kind),
        messages.map(({ opcode, text }) =>
          opcode === OPCODES.text ? text : opcode === OPCODES.ping ? "ping" : "pong"
        ),
      );
    }),
    { numRuns: 60 },
  );
});

Deno.test("FrameReader reads a message with fragments and a ping between them, split at every byte", () => {
  const frames = [
    serverFrame(OPCODES.text, encoder.encode("grü"), { isFinal: false }),
    serverFrame(OPCODES.ping, encoder.encode("?")),
    serverFrame(OPCODES.continuation, new Uint8Array(0), { isFinal: false }),
    serverFrame(OPCODES.continuation, encoder.encode("ße")),
    serverFrame(OPCODES.close, closePayload(1012, "later")),
  ];
  const expected: WsMessage[] = [
    { kind: "ping", payload: encoder.encode("?") },
    { kind: "text", text: "grüße", byteLength: 7 },
    { kind: "close", code: 1012, reason: "later" },
  ];
  for (const role of ["client", "server"] as const) {
    const bytes = concat(...frames.map((frame) => role === "server" ? masked(frame) : frame));
    for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(read(bytes, [cut], LIMIT, role), expected);
    assert.deepEqual(read(bytes, [...bytes.keys()], LIMIT, role), expected);
  }
});

for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_003]) {
  Deno.test(`a text of ${length} bytes goes both ways`, () => {
    const text = "x".repeat(length);
    assert.deepEqual(read(serverFrame(OPCODES.text, encoder.encode(text))), [
      { kind: "text", text, byteLength: length },
    ]);
    const mask = new Uint8Array([1, 2, 0x83, 4]);
    const frame = clientFrame(OPCODES.text, encoder.encode(text), mask);
    assert.equal(unmasked(frame), text);
    for (const cuts of [[], [5], [length]]) {
      assert.deepEqual(read(frame, cuts, LIMIT, "server"), [{ kind: "text", text, byteLength: length }]);
    }
  });
}

for (const length of [126, 65_536]) {
  Deno.test(`a head of ${length === 126 ? 4 : 10} bytes may come in any pieces`, () => {
    const whole = serverFrame(OPCODES.text, encoder.encode("x".repeat(length)));
    for (let from = 0; from <= 11; from++) {
      for (let to = from; to <= 11; to++) {
        const [message, ...others] = read(concat(serverFrame(OPCODES.pong, new Uint8Array(0)), whole), [
          2 + from,
          2 + to,
        ]).slice(1);
        assert.deepEqual([message?.kind === "text" && message.byteLength, others], [length, []]);
      }
    }
  });
}

Deno.test("serverFrame() masks nothing", () => {
  for (const length of [0, 125, 126, 65_535, 65_536]) {
    const payload = new Uint8Array(length).fill(7);
    assert.deepEqual(ownServerFrame(OPCODES.text, payload), serverFrame(OPCODES.text, payload));
  }
});

Deno.test("clientFrame() masks every length alike", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      (bytes, mask) => {
        const frame = clientFrame(OPCODES.ping, bytes, new Uint8Array(mask));
        assert.deepEqual([...payloadOf(frame)], [...bytes]);
      },
    ),
  );
});

const text = (bytes: readonly number[] | Uint8Array) => serverFrame(OPCODES.text, new Uint8Array(bytes));
const part = serverFrame(OPCODES.text, encoder.encode("a"), { isFinal: false });
const FAULTS: readonly (readonly [what: string, bytes: Uint8Array, code: number])[] = [
  ["a masked frame", clientFrame(OPCODES.text, encoder.encode("hi"), new Uint8Array(4)), 1002],
  ["a reserved bit", concat(new Uint8Array([0xc1, 0])), 1002],
  ["an unknown kind", new Uint8Array([0x83, 0]), 1002],
  ["an unknown kind of control frame", new Uint8Array([0x8b, 0]), 1002],
  ["a binary message", serverFrame(OPCODES.binary, new Uint8Array(1)), 1003],
  ["bad UTF-8", text([0xff]), 1007],
  ["UTF-8 that is cut off", text([0xe2, 0x82]), 1007],
  ["a surrogate", text([0xed, 0xa0, 0x80]), 1007],
  ["bad UTF-8 in the reason of a close", serverFrame(OPCODES.close, new Uint8Array([3, 0xe8, 0xff])), 1007],
  ["half a close code", serverFrame(OPCODES.close, new Uint8Array([3])), 1002],
  ["a close code that is not one to send", serverFrame(OPCODES.close, closePayload(1006, "")), 1002],
  ["a continuation without a beginning", serverFrame(OPCODES.continuation, new Uint8Array(1)), 1002],
  ["a text within a text", concat(part, serverFrame(OPCODES.text, new Uint8Array(1))), 1002],
  ["a fragmented ping", serverFrame(OPCODES.ping, new Uint8Array(1), { isFinal: false }), 1002],
  ["a long ping", serverFrame(OPCODES.ping, new Uint8Array(126)), 1002],
  ["a length that is written too long", new Uint8Array([0x81, 126, 0, 5]), 1002],
  ["a length that is written far too long", new Uint8Array([0x81, 127, 0, 0, 0, 0, 0, 0, 1, 0]), 1002],
  ["a length beyond any limit", new Uint8Array([0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255]), 1009],
];

for (const [what, bytes, code] of FAULTS) {
  Deno.test(`FrameReader refuses ${what} with ${code}`, () => {
    assert.equal(faultOf(bytes), code);
  });
}

Deno.test("FrameReader refuses of a client what is not masked, and what no server may send either", () => {
  const whole = serverFrame(OPCODES.text, encoder.encode("hi"));
  assert.equal(faultOf(masked(whole), LIMIT, "server"), undefined);
  assert.equal(faultOf(whole, LIMIT, "server"), 1002);
  assert.equal(faultOf(whole.slice(0, 2), LIMIT, "server"), 1002, "no more has to come");
  for (
    const frame of [
      part,
      serverFrame(OPCODES.ping, new Uint8Array(0)),
      serverFrame(OPCODES.close, new Uint8Array(0)),
    ]
  ) {
    assert.equal(faultOf(frame, LIMIT, "server"), 1002);
  }
  assert.equal(faultOf(masked(serverFrame(OPCODES.binary, new Uint8Array(1))), LIMIT, "server"), 1003);
  assert.equal(faultOf(masked(text([0xff])), LIMIT, "server"), 1007);
  assert.equal(faultOf(masked(text([1, 2, 3])), 2, "server"), 1009);
  assert.equal(faultOf(concat(masked(whole), whole), LIMIT, "server"), 1002);
});

Deno.test("FrameReader counts a message over all of its fragments", () => {
  const fragment = (isFinal: boolean, opcode: Opcode) => serverFrame(opcode, new Uint8Array(6), { isFinal });
  const both = concat(fragment(false, OPCODES.text), fragment(true, OPCODES.continuation));
  assert.equal(faultOf(both, 12), undefined);
  assert.equal(faultOf(both, 11), 1009);
  assert.equal(faultOf(concat(both, both), 12), undefined);
});

Deno.test("FrameReader reads nothing after a close frame", () => {
  const bytes = concat(serverFrame(OPCODES.close, new Uint8Array(0)), text([0xff]));
  assert.deepEqual(read(bytes), [{ kind: "close", code: 1005, reason: "" }]);
});

Deno.test("FrameReader only ever returns messages or a fault, whatever the bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(400), (bytes, cut) => {
      for (const role of ["client", "server"] as const) {
        const once = outcomeOf(bytes, [], role);
        assert.deepEqual(outcomeOf(bytes, [Math.min(cut, bytes.length)], role), once);
      }
    }),
    { numRuns: fuzzRuns() },
  );
});

Deno.test("closePayload() cuts a reason off between characters", () => {
  const payload = closePayload(1000, "ü".repeat(100));
  assert.equal(payload.length, 124);
  assert.deepEqual(closePayload(undefined, "unused"), new Uint8Array(0));
});

/** The messages before a fault, and its code. */
function outcomeOf(bytes: Uint8Array, cuts: readonly number[], role: WsRole): unknown {
  const reader = new FrameReader(LIMIT, role);
  const messages: WsMessage[] = [];
  const places = [0, ...cuts, bytes.length];
  try {
    for (const [at, end] of places.slice(1).entries()) {
      for (const message of reader.feed(bytes.slice(places[at], end))) messages.push(message);
    }
    return { messages };
  } catch (error) {
    assert(error instanceof WsFault);
    return { messages, code: error.code };
  }
}

function payloadOf(frame: Uint8Array): Uint8Array {
  const short = frame[1]! & 0x7f;
  const at = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const mask = frame.subarray(at, at + 4);
  return frame.slice(at + 4).map((byte, index) => byte ^ mask[index % 4]!);
}

function unmasked(frame: Uint8Array): string {
  return new TextDecoder().decode(payloadOf(frame));
}
