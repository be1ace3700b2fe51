// What comes in on a connection, and the memory that it is given out in.

import assert from "node:assert/strict";
import { Inflow } from "../../src/system/inflow.ts";
import { latin1 } from "../../src/values/latin1.ts";
import { FakeWire } from "../support/fake_wire.ts";
import { bytesOf } from "../support/raw_http.ts";

function anInflow(...parts: readonly string[]) {
  return anInflowOf(4096, parts);
}

function anInflowOf(firstBytes: number, parts: readonly string[] = []) {
  const wire = new FakeWire(parts.map(bytesOf));
  const inflow = new Inflow(wire, firstBytes);
  const waiting = () => latin1(inflow.bytes.subarray(inflow.from, inflow.to));
  const next = async () => inflow.note(await inflow.next());
  /** Gives out what waits. */
  const take = () => {
    const piece = inflow.bytes.subarray(inflow.from, inflow.to);
    inflow.take(inflow.to);
    return piece;
  };
  return { wire, inflow, waiting, next, take };
}

Deno.test("Inflow keeps what was not taken, and adds what comes, until the connection ends", async () => {
  const { wire, inflow, waiting, next } = anInflow("ab", "cd");
  assert.equal(inflow.isEmpty, true);
  assert.deepEqual([await next(), waiting()], [true, "ab"]);
  inflow.take(inflow.from + 1);
  assert.deepEqual([await next(), waiting()], [true, "bcd"]);
  wire.end();
  assert.deepEqual([await next(), waiting()], [false, "bcd"]);
});

Deno.test("Inflow keeps together what was not taken, however long it becomes", async () => {
  const text = Array.from({ length: 50_000 }, (_, at) => String.fromCharCode(at % 251)).join("");
  const { inflow, waiting, next } = anInflow("x", ...text.match(/[^]{1,999}/g)!);
  await next();
  inflow.take(1);
  while (waiting().length < text.length) await next();
  assert.equal(waiting(), text);
});

Deno.test("Inflow reads ahead once, and hands that over", async () => {
  const { wire, inflow, waiting, next } = anInflow();
  const ahead = inflow.readAhead();
  assert.equal(inflow.readAhead(), ahead);
  wire.say(bytesOf("ab"));
  assert.deepEqual([await ahead, inflow.isEmpty], [2, true]);
  assert.deepEqual([await next(), waiting()], [true, "ab"]);
});

Deno.test("Inflow writes to nothing that it gave out", async () => {
  const { wire, inflow, next, take } = anInflow();
  const given: { readonly piece: Uint8Array; readonly copy: Uint8Array }[] = [];
  for (let round = 0; round < 400; round++) {
    const size = [1, 100, 3000, 9000, 70_000][round % 5]!;
    wire.say(bytesOf(String(round % 10).repeat(size)));
    if (round % 3 === 0) void inflow.readAhead();
    if (round % 50 === 0) inflow.rest();
    do {
      await next();
      const piece = take();
      given.push({ piece, copy: piece.slice() });
    } while (wire.unread > 0);
  }
  for (const { piece, copy } of given) assert.deepEqual(piece, copy);
});

Deno.test("Inflow uses its memory again once nobody needs what was in it, and more when much comes", async () => {
  const { wire, inflow, next, take } = anInflow();
  const memories = new Set<ArrayBufferLike>();
  for (let round = 0; round < 1000; round++) {
    wire.say(bytesOf("x".repeat(100)));
    await next();
    memories.add(take().buffer);
    inflow.reuse();
  }
  assert.equal(memories.size, 1);
  wire.say(bytesOf("x".repeat(500_000)));
  const sizes: number[] = [];
  for (; wire.unread > 0; inflow.reuse()) {
    await next();
    const piece = take();
    sizes.push(piece.length);
    memories.add(piece.buffer);
  }
  assert.equal(memories.size, 2);
  assert.deepEqual([Math.max(...sizes), sizes.length], [65_536, 9]);
  assert.equal(inflow.isLasting, false);
  assert.equal(inflow.leave()?.length, 65_536);
  assert.deepEqual([inflow.bytes.length, inflow.isLasting], [4096, true]);
});

/** `[memory at first, sizes that come and are taken, size of the memory after them]` */
const SPEEDS: readonly (readonly [firstBytes: number, sizes: readonly number[], expected: number])[] = [
  [4096, [], 4096],
  [4096, [3000], 4096],
  [4096, [2048], 4096],
  [4096, [4096], 65_536],
  [4096, [2048, 2048], 65_536],
  [6000, [3600, 2400], 6000],
];

for (const [firstBytes, sizes, expected] of SPEEDS) {
  Deno.test(`Inflow of ${firstBytes} bytes has ${expected} once ${sizes.join(" and ")} have come`, async () => {
    const { wire, inflow, next, take } = anInflowOf(firstBytes);
    for (const size of sizes) {
      wire.say(bytesOf("x".repeat(size)));
      await next();
      take();
    }
    inflow.reuse();
    assert.deepEqual([inflow.bytes.length, inflow.from, inflow.to], [expected, 0, 0]);
  });
}

Deno.test("Inflow begins new memory when less than two kibibytes are left of it", async () => {
  for (const [size, isNew] of [[2048, false], [2049, true]] as const) {
    const { wire, inflow, next, take } = anInflow("x".repeat(size));
    await next();
    const { buffer } = take();
    wire.say(bytesOf("ab"));
    await next();
    assert.equal(inflow.bytes.buffer !== buffer, isNew);
    assert.deepEqual([inflow.from, inflow.to], isNew ? [0, 2] : [size, size + 2]);
    take();
    inflow.reuse();
    assert.equal(inflow.to, 0);
  }
});

Deno.test("Inflow doubles memory that is full of what was not taken", async () => {
  const { inflow, next } = anInflow("x".repeat(4097));
  await next();
  await next();
  assert.deepEqual([inflow.bytes.length, inflow.to], [8192, 4097]);
});

Deno.test("Inflow hands over no memory that something is in, or is read into", async () => {
  const { wire, inflow, waiting, next, take } = anInflow("x".repeat(4096));
  await next();
  take();
  inflow.reuse();
  wire.say(bytesOf("ab"));
  await next();
  assert.deepEqual([inflow.leave(), waiting()], [undefined, "ab"]);
  take();
  void inflow.readAhead();
  assert.equal(inflow.leave(), undefined);
  wire.say(bytesOf("cd"));
  await next();
  assert.equal(waiting(), "cd");
  take();
  assert.equal(inflow.leave()?.length, 65_536);
});

Deno.test("Inflow writes to nothing that was left, whatever is used again after it", async () => {
  const { wire, inflow, next, take } = anInflow();
  const given: { readonly piece: Uint8Array; readonly copy: Uint8Array }[] = [];
  for (let message = 0; message < 300; message++) {
    const size = [1, 100, 1500, 9000][message % 4]!;
    for (const part of ["first", "second", "last"]) {
      wire.say(bytesOf(String(message % 10).repeat(size)));
      do {
        inflow.reuse();
        await next();
        const piece = take();
        if (part === "last" && wire.unread === 0) given.push({ piece, copy: piece.slice() });
      } while (wire.unread > 0);
    }
    inflow.leave();
    if (message % 3 === 0) void inflow.readAhead();
  }
  for (const { piece, copy } of given) assert.deepEqual(piece, copy);
});

Deno.test("Inflow does not let go of memory that something is in, or is read into", async () => {
  const { wire, inflow, waiting, next, take } = anInflow("x".repeat(5000));
  await next();
  await next();
  inflow.rest();
  assert.equal(waiting().length, 5000);
  take();
  void inflow.readAhead();
  inflow.rest();
  wire.say(bytesOf("ab"));
  await next();
  assert.equal(waiting(), "ab");
});

Deno.test("Inflow uses nothing again that something is in, or is read into", async () => {
  const { wire, inflow, waiting, next, take } = anInflow("ab");
  await next();
  inflow.reuse();
  assert.deepEqual([inflow.leave(), waiting()], [undefined, "ab"]);
  const piece = take();
  void inflow.readAhead();
  inflow.reuse();
  assert.equal(inflow.leave(), undefined);
  wire.say(bytesOf("cd"));
  await next();
  assert.deepEqual([latin1(piece), waiting()], ["ab", "cd"]);
});

Deno.test("Inflow reads into other memory what waits, what was read ahead, then what comes", async () => {
  const { wire, inflow, next } = anInflow("abc");
  const memory = new Uint8Array(2);
  const read = async () => {
    const count = await inflow.readInto(memory);
    return count === null ? null : latin1(memory.subarray(0, count));
  };
  await next();
  assert.deepEqual([await read(), await read(), inflow.isEmpty], ["ab", "c", true]);
  void inflow.readAhead();
  wire.say(bytesOf("def"));
  assert.deepEqual([await read(), await read()], ["de", "f"]);
  wire.say(bytesOf("gh"));
  assert.deepEqual([await read(), inflow.isEmpty], ["gh", true]);
  void inflow.readAhead();
  wire.end();
  assert.deepEqual([await read(), await read()], [null, null]);
});

Deno.test("Inflow passes on that a connection breaks", async () => {
  const { wire, inflow } = anInflow();
  const ahead = inflow.readAhead();
  wire.breakOff();
  await assert.rejects(ahead, Deno.errors.ConnectionReset);
  await assert.rejects(inflow.next(), Deno.errors.ConnectionReset);
  await assert.rejects(inflow.readInto(new Uint8Array(1)), Deno.errors.ConnectionReset);
});
