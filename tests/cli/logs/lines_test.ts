import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { terminalLines } from "../../../src/cli/logs/lines.ts";
import { paletteOf } from "../../../src/screen/palette.ts";
import { momentText } from "../../../src/values/durations.ts";

const AT = "2026-11-25T21:45:09.120Z";
const AT_MS = Date.parse(AT);

interface How {
  readonly nowMs?: number;
  readonly level?: 0 | 1;
  readonly columns?: number;
}

function shown(line: string, how: How = {}): readonly string[] {
  const { nowMs = AT_MS, level = 0, columns = Infinity } = how;
  return terminalLines(line, { nowMs, palette: paletteOf(level > 0), columns });
}

Deno.test("terminalLines() shows the local time, with the day where it is not today's", () => {
  assert.deepEqual(
    shown(`${AT} INFO  proxy.started  it listens`),
    [`${momentText(AT_MS, AT_MS)} INFO  proxy.started  it listens`],
  );
  const nextDay = AT_MS + 86_400_000;
  assert.match(
    shown(`${AT} INFO  proxy.started  it listens`, { nowMs: nextDay })[0]!,
    /^2026-11-2\d \d\d:\d\d INFO /,
  );
});

for (const [level, colour] of [["INFO ", 32], ["WARN ", 33], ["ERROR", 31]] as const) {
  Deno.test(`terminalLines() colours ${level}`, () => {
    assert.ok(
      shown(`${AT} ${level} x  y`, { level: 1 })[0]!.includes(`\x1b[${colour}m${level}\x1b[39m x  y`),
    );
  });
}

for (const line of ["", "    at deep in a stack", "2026-11-25 INFO  x", `${AT} DEBUG x`]) {
  Deno.test(`terminalLines() leaves ${JSON.stringify(line)} as it is`, () =>
    assert.deepEqual(shown(line), [line]));
}

const LONG =
  `${AT} WARN  auth.cooldown  work.json waits; it is full error="the limit of \\"plus\\" is used up until later" key=work.json`;

for (const columns of [40, 60, 80]) {
  Deno.test(`terminalLines() breaks between words at ${columns} columns, colours or not`, () => {
    const lines = shown(LONG, { columns });
    for (const line of lines) assert.ok(line.length <= columns, line);
    for (const line of lines.slice(1)) assert.match(line, columns === 40 ? /^ {2}\S/ : /^ {15}\S/);
    assert.equal(lines.join(" ").replace(/ +/g, " "), shown(LONG)[0]!.replace(/ +/g, " "));
    assert.match(lines[0]!, /WARN {2}auth\.cooldown {2}\S/);
    const plain = shown(LONG, { columns, level: 1 }).map(stripVTControlCharacters);
    assert.deepEqual(plain, lines);
  });
}

Deno.test("terminalLines() lets nothing move the cursor or end its line", () => {
  assert.deepEqual(shown(`${AT} INFO  x  a\x1b[2Jb`)[0]!.slice(9), "INFO  x  a\\u{1b}[2Jb");
  assert.deepEqual(shown("no log line \x1b[2J\r"), ["no log line \\u{1b}[2J\\u{d}"]);
});
