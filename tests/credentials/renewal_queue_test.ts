import assert from "node:assert/strict";
import { gapMs, nextInQueue } from "../../src/credentials/renewal_queue.ts";

Deno.test("nextInQueue() takes a key that a request waits for, then the one that expires first", () => {
  const key = (file: string, endMs: number | undefined, isAwaited = false) => ({ file, endMs, isAwaited });
  const keys = [key("a", 30), key("b", 10), key("c", undefined), key("d", 20, true), key("e", 40, true)];
  const order: string[] = [];
  for (let left = keys; left.length > 0;) {
    const next = nextInQueue(left)!;
    order.push(next.file);
    left = left.filter((key) => key !== next);
  }
  assert.deepEqual(order, ["d", "e", "b", "a", "c"]);
  assert.equal(nextInQueue([]), undefined);
});

Deno.test("gapMs() is 1 to 3 seconds", () => {
  assert.deepEqual([gapMs(0), gapMs(0.5), gapMs(1)], [1000, 2000, 3000]);
});
