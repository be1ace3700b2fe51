import assert from "node:assert/strict";
import { Ansis } from "ansis";
import { terminalLine } from "../../../src/cli/logs/lines.ts";
import { momentText } from "../../../src/values/durations.ts";

const AT = "2026-11-25T21:45:09.120Z";
const AT_MS = Date.parse(AT);

function shown(line: string, { nowMs = AT_MS, level = 0 }: { nowMs?: number; level?: 0 | 1 } = {}): string {
  return terminalLine(line, { nowMs, palette: new Ansis(level) });
}

Deno.test("terminalLine() shows the local time, with the day where it is not today's", () => {
  assert.equal(
    shown(`${AT} INFO  proxy.started  it listens`),
    `${momentText(AT_MS, AT_MS)} INFO  proxy.started  it listens`,
  );
  const nextDay = AT_MS + 86_400_000;
  assert.match(
    shown(`${AT} INFO  proxy.started  it listens`, { nowMs: nextDay }),
    /^2026-11-2\d \d\d:\d\d INFO /,
  );
});

for (const [level, colour] of [["INFO ", 32], ["WARN ", 33], ["ERROR", 31]] as const) {
  Deno.test(`terminalLine() colours ${level}`, () => {
    assert.ok(shown(`${AT} ${level} x  y`, { level: 1 }).includes(`\x1b[${colour}m${level}\x1b[39m x  y`));
  });
}

for (const line of ["", "    at deep in a stack", "2026-11-25 INFO  x", `${AT} DEBUG x`]) {
  Deno.test(`terminalLine() leaves ${JSON.stringify(line)} as it is`, () => assert.equal(shown(line), line));
}
