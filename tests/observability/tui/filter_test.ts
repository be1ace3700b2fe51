import assert from "node:assert/strict";
import { attemptFilter } from "../../../src/observability/tui/filter.ts";
import { anAttemptRow } from "../../support/attempts.ts";

const ATTEMPTS = [
  anAttemptRow({ id: 1, requestId: "req_429a", file: "work.json", status: 200 }),
  anAttemptRow({ id: 2, requestId: "req_bbbb", file: "home.json", status: 429 }),
  anAttemptRow({ id: 3, requestId: "req_cccc", file: "work.json", status: 404, path: "/v1/models" }),
  anAttemptRow({ id: 5, requestId: "req_eeee", file: "Cafe\u0301.json", status: 200 }),
  anAttemptRow({ id: 4, requestId: "req_d429", file: "", status: undefined }),
];

const FILTERS: readonly [filter: string, ids: readonly number[]][] = [
  ["", [1, 2, 3, 5, 4]],
  ["work", [1, 3]],
  ["WORK.json", [1, 3]],
  ["429", [1, 2]],
  ["caf\u00e9", [5]],
  ["cafe\u0301", [5]],
  ["4", [1, 2, 3]],
  ["4xx", [2, 3]],
  ["models", [3]],
  ["req_b", [2]],
  ["bbb", [2]],
  ["work 2", [1]],
  ["  work   4xx ", [3]],
  ["xx", []],
  ["[", []],
];

for (const [filter, ids] of FILTERS) {
  Deno.test(`attemptFilter() matches the attempts of "${filter}"`, () => {
    assert.deepEqual(ATTEMPTS.filter(attemptFilter(filter)).map(({ id }) => id), ids);
  });
}
