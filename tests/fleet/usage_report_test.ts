import assert from "node:assert/strict";
import type { UsageOfDay } from "../../src/fleet/shared_usage.ts";
import { poolUsageReport } from "../../src/fleet/usage_report.ts";

const use = (requests: number) => ({ requests, input: 10 * requests, cached: requests, output: requests });
const row = (owner: string, label: string, requests: number) => ({ owner, label, ...use(requests) });
const ONE = { id: "1111", name: "one" };
const DAYS: readonly UsageOfDay[] = [
  {
    day: "2027-01-14",
    sheets: [{ member: ONE, rows: [row("A", "work.json", 2), row("B", "home.json", 1)] }],
  },
  {
    day: "2027-01-15",
    sheets: [
      { member: ONE, rows: [row("A", "work.json", 1)] },
      // Another run of it, and another member, which calls the key differently.
      { member: ONE, rows: [row("A", "work.json", 1)] },
      { member: { id: "2222", name: "two" }, rows: [row("A", "job.json", 5)] },
    ],
  },
];

const CASES = [
  ["key", [["mine.json", 9], ["home.json", 1]]],
  ["day", [["2027-01-14", 3], ["2027-01-15", 7]]],
  ["member", [["one", 5], ["two", 5]]],
] as const;

for (const [by, rows] of CASES) {
  Deno.test(`poolUsageReport() by ${by} adds up all members, runs and names of a key`, () => {
    const report = poolUsageReport(DAYS, by, (owner) => owner === "A" ? "mine.json" : undefined);
    assert.deepEqual(report.rows.map(({ name, requests }) => [name, requests]), rows);
    assert.deepEqual(report.total, { requests: 10, input_tokens: 100, cached_tokens: 10, output_tokens: 10 });
    assert.deepEqual([report.members, report.from_day, report.to_day], [2, "2027-01-14", "2027-01-15"]);
  });
}

Deno.test("poolUsageReport() tells members apart that have the same name", () => {
  const sheets = ["3f9a21", "77b0c4"].map((id, at) => ({
    member: { id, name: "MacBook" },
    rows: [row("A", "work.json", 2 - at)],
  }));
  const report = poolUsageReport([{ day: "2027-01-14", sheets }], "member", () => undefined);
  assert.deepEqual(report.rows.map(({ name, requests }) => [name, requests]), [
    ["MacBook (3f9a)", 2],
    ["MacBook (77b0)", 1],
  ]);
  assert.equal(report.members, 2);
});
