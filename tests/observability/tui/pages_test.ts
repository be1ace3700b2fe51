import assert from "node:assert/strict";
import { detailLines, helpLines, keyLines, statusText } from "../../../src/observability/tui/pages.ts";
import { timeText } from "../../../src/screen/durations.ts";
import { aKeyRow, anAttemptRow } from "../../support/attempts.ts";
import { SECOND, T0 } from "../../support/builders.ts";

Deno.test("keyLines() shows each key with its state and the time left", () => {
  const keys = [
    aKeyRow(),
    aKeyRow({ file: "home.json", state: "cooldown", reason: "usage_limit_reached", untilMs: T0 + 95_400 }),
    aKeyRow({ file: "old.json", state: "blacklist", reason: "http_401", untilMs: T0 - 1, email: "" }),
  ];
  assert.deepEqual(keyLines(keys, 80, T0).map((line) => line.trimEnd()), [
    "KEY       STATE     ENDS IN REASON               USED ERRORS E-MAIL",
    "work.json ok              - -                      12      0 a@example.com",
    "home.json cooldown   1m 36s usage_limit_reached    12      0 a@example.com",
    "old.json  blacklist     now http_401               12      0 -",
  ]);
});

Deno.test("keyLines() says so when there are no keys", () => {
  assert.deepEqual(keyLines([], 80, T0), ["no keys are known"]);
});

const FIRST = anAttemptRow({
  status: 429,
  latencyMs: 500,
  outcome: "rate_limited",
  error: "usage_limit_reached",
  more: [["ttfb_ms", "12"]],
});
const SECOND_TRY = anAttemptRow({
  number: 2,
  atMs: T0 + SECOND,
  latencyMs: 990,
  file: "home.json",
  email: "",
});

Deno.test("detailLines() shows the attempts of a request, oldest first", () => {
  assert.deepEqual(detailLines([SECOND_TRY, FIRST], 80), [
    "request req_1",
    "POST /v1/responses (request) from 127.0.0.1",
    "2 attempts in 1.5s, at last ok",
    "",
    "attempt 1",
    "  outcome  rate_limited",
    "  status   429",
    "  key      work.json (a@example.com)",
    `  began    ${timeText(T0 - 500)}, took 500ms`,
    "  error    usage_limit_reached",
    "  ttfb_ms  12",
    "",
    "attempt 2",
    "  outcome  ok",
    "  status   200",
    "  key      home.json",
    `  began    ${timeText(T0 + 10)}, took 990ms`,
  ]);
});

Deno.test("detailLines() puts names and values in one column where there is no room for two", () => {
  const lines = detailLines([anAttemptRow({ file: "", error: "connection refused" })], 20);
  assert.deepEqual(lines.slice(lines.indexOf("attempt 1") + 1), [
    "outcome: ok",
    "status: 200",
    "key: none: the",
    "client's own login",
    `began: ${timeText(T0 - 812)},`,
    "took 812ms",
    "error: connection",
    "refused",
  ]);
});

Deno.test("detailLines() says so when there are no attempts left", () => {
  assert.deepEqual(detailLines([], 80), ["the attempts of this request are no longer in the list"]);
});

Deno.test("helpLines() has a line for each key of the view", () => {
  const lines = helpLines(80).join("\n");
  for (const key of ["q ", "p ", "/ ", "Esc", "↑ ↓", "Enter", "k ", "? "]) {
    assert.ok(lines.includes(`  ${key}`), key);
  }
});

const TEXTS: readonly [text: string, expected: string][] = [
  [statusText(200), "200"],
  [statusText(undefined), "none"],
];

for (const [text, expected] of TEXTS) {
  Deno.test(`the live view writes ${expected}`, () => assert.equal(text, expected));
}
