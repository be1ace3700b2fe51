import assert from "node:assert/strict";
import { helpLines, keyLines } from "../../../src/observability/tui/pages.ts";
import { aKeyRow } from "../../support/attempts.ts";
import { T0 } from "../../support/builders.ts";

Deno.test("keyLines() shows each key with its state and the time left", () => {
  const keys = [
    aKeyRow(),
    aKeyRow({ file: "home.json", state: "cooldown", reason: "usage_limit_reached", untilMs: T0 + 95_400 }),
    aKeyRow({ file: "old.json", state: "blacklisted", reason: "http_401", untilMs: T0 - 1, email: "" }),
  ];
  assert.deepEqual(keyLines(keys, 80, T0).map((line) => line.trimEnd()), [
    "KEY       STATE       ENDS IN REASON               USED ERRORS E-MAIL",
    "work.json ok                - -                      12      0 a@example.com",
    "home.json cooldown     1m 36s usage_limit_reached    12      0 a@example.com",
    "old.json  blacklisted     now http_401               12      0 -",
  ]);
});

Deno.test("keyLines() says so when there are no keys", () => {
  assert.deepEqual(keyLines([], 80, T0), ["no keys are known"]);
});

Deno.test("helpLines() has a line for each key of the view", () => {
  const lines = helpLines(80).join("\n");
  for (const key of ["q ", "a ", "p ", "/ ", "Esc", "↑ ↓", "Enter", "k ", "? "]) {
    assert.ok(lines.includes(`  ${key}`), key);
  }
});
