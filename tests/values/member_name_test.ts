import assert from "node:assert/strict";
import { distinctNames, memberName } from "../../src/values/member_name.ts";

const CASES: readonly [string, string][] = [
  ["build-1", "build-1"],
  ["", ""],
  ["Büro 3", "Büro 3"],
  ["a\x1b[2Jb", "a?[2Jb"],
  ["a\nb\r\tc\x00", "a?b??c?"],
  ["a\u202eb\u200bc", "a?b?c"],
  ["x".repeat(100), "x".repeat(64)],
  ["🙂".repeat(40), "🙂".repeat(40)],
  ["🙂".repeat(100), "🙂".repeat(64)],
];

for (const [name, taken] of CASES) {
  Deno.test(`memberName(${JSON.stringify(name).slice(0, 30)}) can be shown everywhere`, () => {
    assert.equal(memberName(name), taken);
  });
}

Deno.test("distinctNames() adds the beginning of the id where several members have a name", () => {
  const members = [
    { id: "aaaaaa", name: "old" },
    { id: "aaaaaa", name: "build" },
    { id: "bbbbbb", name: "laptop" },
    { id: "cccccc", name: "laptop" },
    { id: "", name: "laptop" },
  ];
  assert.deepEqual(members.map(distinctNames(members)), [
    "build",
    "build",
    "laptop (bbbb)",
    "laptop (cccc)",
    "laptop",
  ]);
});
