import assert from "node:assert/strict";
import { BadQuery, waitMs, wholeNumber } from "../../src/proxy/query.ts";

Deno.test("wholeNumber() and waitMs() read numbers", () => {
  assert.deepEqual([wholeNumber("limit", "200"), waitMs("0"), waitMs("30")], [200, 0, 30_000]);
});

for (const text of ["", "-1", "1.5", "1e3", "0x1", "1234567890123456"]) {
  Deno.test(`${JSON.stringify(text)} is not a whole number`, () => {
    assert.throws(
      () => wholeNumber("limit", text),
      new BadQuery(
        `limit is "${text}"; allowed is a whole number from 0`,
      ),
    );
  });
}

for (const text of ["", "31", "-1", "1.5", "100"]) {
  Deno.test(`${JSON.stringify(text)} is not a time to wait`, () =>
    assert.throws(() => waitMs(text), BadQuery));
}
