import assert from "node:assert/strict";
import type { UsageOfDay } from "../../src/fleet/shared_usage.ts";
import { poolUsageReport } from "../../src/fleet/usage_report.ts";

const use = (requests: number) => ({ requests, input: 10 * requests, cached: requests, output: requests });
const row = (owner: string, label: string, requests: number) => ({ owner, label, ...use(requests) });
const DAYS: readonly UsageOfDay[] = [
  {
    day: "2027-01-14",
    sheets: [{ member: "one", rows: [row("A", "work.json", 2), row("B", "home.json", 1)] }],
  },
  {
    day: "2027-01-15",
    sheets: [
      { member: "one", rows: [row("A", "work.json", 1)] },
      // Another run of it, and another member, which calls the key differently.
      { member: "one", rows: [row("A", "work.json", 1)] },
      { member: "two", rows: [row("A", "job.json", 5)] },
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
