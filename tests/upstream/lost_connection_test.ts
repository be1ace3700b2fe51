import assert from "node:assert/strict";
import { lossOf, type Repeating, repeatingOf } from "../../src/upstream/lost_connection.ts";

/** `[method, is a model call, what it means to send it again]` */
const REQUESTS: readonly [string, boolean, Repeating][] = [
  ["GET", false, "harmless"],
  ["GET", true, "harmless"],
  ["HEAD", false, "harmless"],
  ["OPTIONS", false, "harmless"],
  ["PUT", false, "harmless"],
  ["DELETE", true, "harmless"],
  ["POST", true, "costly"],
  ["POST", false, "unsafe"],
  ["PATCH", true, "unsafe"],
  ["PATCH", false, "unsafe"],
  ["PURGE", true, "unsafe"],
];

for (const [method, isModelCall, expected] of REQUESTS) {
  Deno.test(`repeatingOf() a ${isModelCall ? "model call" : "request"} with ${method}: ${expected}`, () => {
    assert.equal(repeatingOf(method, isModelCall), expected);
  });
}

/**
 * `[used connection, pool silent, slept (s), [overdue, broken] where repeating is harmless, costly, unsafe]`; `-`: not
 * lost.
 */
const LOSSES: readonly [boolean, boolean, number, string][] = [
  [false, false, 0, "-- -- --"],
  [false, true, 0, "-- -- --"],
  [false, false, 29.9, "-- -- --"],
  [false, false, -7200, "-- -- --"],
  [false, false, 30, "ss ss --"],
  [false, false, 28_800, "ss ss --"],
  [true, false, 0, "uu -u --"],
  [true, true, 0, "uu uu --"],
  [true, false, 29.9, "uu -u --"],
  [true, true, 30, "ss ss --"],
];

for (const [isReused, isPoolSilent, sleptSeconds, expected] of LOSSES) {
  const where = `${isReused ? "a used" : "a new"} connection, pool ${isPoolSilent ? "silent" : "alive"}`;
  Deno.test(`lossOf() on ${where}, after ${sleptSeconds} s of sleep: ${expected}`, () => {
    const found = (["harmless", "costly", "unsafe"] as const).map((repeating) => {
      const evidence = { repeating, isReused, isPoolSilent, sleptMs: sleptSeconds * 1000 };
      return (["overdue", "broken"] as const).map((silence) => (lossOf(silence, evidence) ?? "-")[0]).join(
        "",
      );
    });
    assert.equal(found.join(" "), expected);
  });
}
