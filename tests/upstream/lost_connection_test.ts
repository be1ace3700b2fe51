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

/** `[used connection, slept (s), [overdue, broken] where repeating is harmless, costly, unsafe]`; `-`: not lost. */
const LOSSES: readonly [boolean, number, string][] = [
  [false, 0, "-- -- --"],
  [false, 29.9, "-- -- --"],
  [false, -7200, "-- -- --"],
  [false, 30, "ss ss --"],
  [false, 28_800, "ss ss --"],
  [true, 0, "dd -d --"],
  [true, 29.9, "dd -d --"],
  [true, 30, "ss ss --"],
];

const LETTERS = { slept: "s", used: "d", none: "-" };

for (const [isReused, sleptSeconds, expected] of LOSSES) {
  Deno.test(`lossOf() on a ${isReused ? "used" : "new"} connection after ${sleptSeconds} s of sleep: ${expected}`, () => {
    const found = (["harmless", "costly", "unsafe"] as const).map((repeating) => {
      const evidence = { repeating, isReused, sleptMs: sleptSeconds * 1000 };
      return (["overdue", "broken"] as const).map((silence) => LETTERS[lossOf(silence, evidence) ?? "none"])
        .join(
          "",
        );
    });
    assert.equal(found.join(" "), expected);
  });
}
