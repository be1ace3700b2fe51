import assert from "node:assert/strict";
import { newMark, readMark, type RenewalMark, writeMark } from "../../src/credentials/renewal_mark.ts";
import { T0 } from "../support/builders.ts";

Deno.test("readMark() reads what writeMark() wrote", () => {
  const full: RenewalMark = {
    state: "dead",
    path: "/keys/work.json",
    atMs: T0,
    reason: "invalid_grant",
    failures: 2,
    notBeforeMs: T0 + 1,
    renewedAtMs: T0 - 1,
    renewedBeforeMs: T0 - 2,
  };
  for (const mark of [full, newMark("/keys/work.json", T0)]) {
    assert.deepEqual(readMark(writeMark(mark), "/elsewhere"), mark);
  }
});

for (const text of ["", "{", "{}", '{"state":"new","path":"","atMs":0,"failures":0,"notBeforeMs":0}']) {
  Deno.test(`readMark() takes what it cannot read for a token that was sent: ${text}`, () => {
    assert.equal(readMark(text, "/keys/work.json").state, "unknown");
  });
}
