import assert from "node:assert/strict";
import fc from "fast-check";
import { lineEnd } from "../../src/upstream/line_end.ts";

const [TAB, LF, CR] = [9, 10, 13];

Deno.test("lineEnd() finds the first LF or CR from a place on", () => {
  const byte = fc.constantFrom(0, TAB, LF, 11, 12, CR, 14, 0x20, 0x80, 0xff);
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 20 }), fc.nat({ max: 20 }), (list, from) => {
      const found = list.findIndex((one, at) => at >= from && (one === LF || one === CR));
      const expected = found < 0 ? list.length : found;
      assert.equal(lineEnd(Uint8Array.from(list), Math.min(from, list.length)), expected);
    }),
  );
});
