import assert from "node:assert/strict";
import { LIMIT_MS, limited } from "./time_limit.ts";

const timeout = LIMIT_MS;

function body(): void {}

Deno.test("each form of a test gets the limit, and its own goes before", () => {
  const cases = [
    [["a name", body], ["a name", { timeout }, body]],
    [[body], [{ timeout }, body]],
    [["a name", { ignore: true }, body], ["a name", { timeout, ignore: true }, body]],
    [[{ ignore: true }, body], [{ timeout, ignore: true }, body]],
    [[{ name: "a name", fn: body }], [{ timeout, name: "a name", fn: body }]],
    [["a name", { timeout: 5 }, body], ["a name", { timeout: 5 }, body]],
  ];
  for (const [args = [], expected] of cases) assert.deepEqual(limited(args), expected);
});
