import assert from "node:assert/strict";
import { factLines } from "../../../src/observability/tui/facts.ts";

Deno.test("factLines() keeps the names of all lists in one column, and wraps beside it", () => {
  assert.deepEqual(factLines([[["key", "work.json"]], [["outcome", "limited until tomorrow"]]], 26), [
    ["  key      work.json"],
    ["  outcome  limited until", "           tomorrow"],
  ]);
});

Deno.test("factLines() puts a name before its text where there is no room for a column", () => {
  assert.deepEqual(factLines([[["outcome", "limited"]]], 16), [["outcome: limited"]]);
});
