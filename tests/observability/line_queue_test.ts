import assert from "node:assert/strict";
import fc from "fast-check";
import { LineQueue } from "../../src/observability/line_queue.ts";

const decoder = new TextDecoder();

function queueOf(lines: readonly string[]): LineQueue {
  const queue = new LineQueue();
  for (const line of lines) queue.add(line);
  return queue;
}

const textOf = (queue: LineQueue) => decoder.decode(queue.bytes(0, queue.count));
const asText = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
const sizeOf = (lines: readonly string[]) => new TextEncoder().encode(asText(lines)).length;

const line = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.nat(9000).map((length) => "ö".repeat(length)),
);
const some = fc.array(line, { maxLength: 12 });

Deno.test("LineQueue keeps lines as they are, with their ends", () => {
  fc.assert(fc.property(some, (lines) => {
    const queue = queueOf(lines);
    assert.equal(textOf(queue), asText(lines));
    assert.deepEqual([queue.count, queue.sizeBytes], [lines.length, sizeOf(lines)]);
  }));
});

Deno.test("LineQueue gives a part of its lines, and adds those of another one from a line on", () => {
  fc.assert(fc.property(some, fc.nat(12), fc.nat(12), (lines, one, other) => {
    const first = Math.min(one, other, lines.length);
    const end = Math.min(Math.max(one, other), lines.length);
    const queue = queueOf(lines);
    assert.equal(decoder.decode(queue.bytes(first, end)), asText(lines.slice(first, end)));
    const longer = queueOf(lines);
    longer.addFrom(queue, first);
    assert.equal(textOf(longer), asText([...lines, ...lines.slice(first)]));
    assert.deepEqual([longer.count, longer.sizeBytes], [
      2 * lines.length - first,
      sizeOf([...lines, ...lines.slice(first)]),
    ]);
  }));
});

Deno.test("LineQueue counts the lines that fit into a number of bytes", () => {
  fc.assert(fc.property(some, fc.nat(12), fc.nat(400), (lines, at, room) => {
    const first = Math.min(at, lines.length);
    const count = queueOf(lines).countFitting(first, room);
    const rest = lines.slice(first);
    assert.ok(sizeOf(rest.slice(0, count)) <= room);
    assert.ok(count === rest.length || sizeOf(rest.slice(0, count + 1)) > room);
  }));
});

Deno.test("LineQueue is as new when it was cleared", () => {
  fc.assert(fc.property(some, some, some, (before, lines, more) => {
    const queue = queueOf(before);
    queue.clear();
    assert.deepEqual([queue.count, queue.sizeBytes], [0, 0]);
    for (const one of lines) queue.add(one);
    queue.addFrom(queueOf(more), 0);
    assert.equal(textOf(queue), asText([...lines, ...more]));
    assert.equal(queue.count, lines.length + more.length);
  }));
});
