import assert from "node:assert/strict";
import fc from "fast-check";
import { WORK_BYTES } from "../../src/system/turns.ts";
import { writeAll, writeJoined } from "../../src/system/wire.ts";
import { joined } from "../../src/values/bytes.ts";
import { latin1 } from "../../src/values/latin1.ts";
import { FakeWire } from "../support/fake_wire.ts";

/** Takes at most `maxBytes` of each write, and keeps how many it was offered. */
function aNarrowWire(maxBytes: number) {
  const wire = Object.assign(new FakeWire(), { offered: [] as number[], taken: [] as Uint8Array[] });
  wire.write = (bytes) => {
    const count = Math.min(bytes.length, maxBytes);
    wire.offered.push(bytes.length);
    wire.taken.push(bytes.slice(0, count));
    return Promise.resolve(count);
  };
  return wire;
}

Deno.test("writeAll() offers a connection one piece of a large body at a time, in order", async () => {
  const body = new Uint8Array(2 * WORK_BYTES + 7).map((_, at) => at % 251);
  for (const maxBytes of [100_000, Infinity]) {
    const wire = aNarrowWire(maxBytes);
    await writeAll(wire, body);
    assert.ok(Math.max(...wire.offered) <= WORK_BYTES);
    assert.ok(joined(wire.taken).every((byte, at) => byte === body[at]));
    assert.equal(joined(wire.taken).length, body.length);
  }
});

Deno.test("writeAll() fails when what it writes is given back meanwhile, and does not take that for all", async () => {
  const memory = new ArrayBuffer(3 * WORK_BYTES, { maxByteLength: 3 * WORK_BYTES });
  const wire = aNarrowWire(Infinity);
  wire.write = (bytes) => {
    memory.resize(0);
    return Promise.resolve(bytes.length);
  };
  await assert.rejects(writeAll(wire, new Uint8Array(memory, 0, 3 * WORK_BYTES)), /given back/);
});

const text = fc.oneof(
  fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 30 }),
  fc.constantFrom("", "\r\n", "x".repeat(5000)),
);
const part = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.constantFrom(4096, 131_072, 131_073).map((length) => new Uint8Array(length).fill(7)),
);

Deno.test("writeJoined() writes texts as Latin-1 and bytes as they are, one after the other", async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.array(part, { maxLength: 3 }), text, async (before, parts, after) => {
      const wire = aNarrowWire(10_000_000);
      await writeJoined(wire, before, parts, after);
      assert.equal(latin1(joined(wire.taken)), before + parts.map(latin1).join("") + after);
    }),
  );
});

Deno.test("writeJoined() writes up to 128 KiB at once, and copies no more", async () => {
  for (const [size, writes] of [[0, 1], [131_072, 1], [131_073, 3]] as const) {
    const wire = new FakeWire();
    await writeJoined(wire, "head", [new Uint8Array(size)], "\r\n");
    assert.deepEqual([wire.writes, wire.sent.length], [writes, size + 6]);
  }
});

Deno.test("writeJoined() writes nothing when there is nothing", async () => {
  const wire = new FakeWire();
  await writeJoined(wire, "", [new Uint8Array(0)]);
  assert.equal(wire.writes, 0);
});

/** Looks at what it was given only when it is let go. */
function aSlowWire() {
  const free = Promise.withResolvers<void>();
  const wire = new FakeWire();
  wire.held = free.promise;
  return { wire, letGo: free.resolve };
}

Deno.test("writeJoined() leaves what is being written alone, on whichever connection, until it is written", async () => {
  const lengthOf = (at: number) => at % 20 === 0 ? 100_000 : 10;
  const all = Array.from(
    { length: 100 },
    (_, at) => ({ ...aSlowWire(), message: `${at} `.repeat(lengthOf(at)) }),
  );
  const writing = all.map(({ wire, message }) => writeJoined(wire, message, []));
  for (const { letGo } of all.toReversed()) {
    letGo();
    for (const length of [10, 100_000]) await writeJoined(new FakeWire(), "another one ".repeat(length), []);
  }
  await Promise.all(writing);
  for (const { wire, message } of all) assert.equal(wire.sent, message);
});

Deno.test("writeJoined() lends no memory again of which a failed write may still be read", async () => {
  const given: ArrayBufferLike[] = [];
  const failing = new FakeWire();
  failing.write = (bytes) => {
    given.push(bytes.buffer);
    return Promise.reject(new Deno.errors.BrokenPipe("broken"));
  };
  await assert.rejects(writeJoined(failing, "lost", []));
  for (let count = 0; count < 200; count++) {
    const wire = new FakeWire();
    wire.write = (bytes) => {
      assert.ok(!given.includes(bytes.buffer));
      return Promise.resolve(bytes.length);
    };
    await writeJoined(wire, "kept", []);
  }
});
