import assert from "node:assert/strict";
import { BadQuery, usageQuery, waitMs, wholeNumber } from "../../src/proxy/query.ts";

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

Deno.test("usageQuery() is a week by key unless the query says something else", () => {
  const groups = ["key", "day"] as const;
  const read = (query: string) => usageQuery(new URLSearchParams(query), groups);
  assert.deepEqual(read(""), { days: 7, by: "key" });
  assert.deepEqual(read("days=90&by=day"), { days: 90, by: "day" });
  for (const query of ["days=0", "days=91", "days=", "by=member"]) {
    assert.throws(() => read(query), BadQuery, query);
  }
});
