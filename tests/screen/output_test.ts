import assert from "node:assert/strict";
import { Output, paletteFor } from "../../src/screen/output.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

const WISH = { isQuiet: false, allowsColour: true, env: {} };

Deno.test("Output prints the answer to stdout and everything else to stderr", () => {
  const terminal = new FakeTerminal();
  const output = new Output(terminal, WISH);
  output.print("a\n");
  output.printLines(["x", "y"]);
  output.printJson({ b: 1 });
  output.info("c");
  output.note("d");
  assert.equal(terminal.outText, 'a\nx\ny\n{\n  "b": 1\n}\n');
  assert.equal(terminal.errText, "c\nnote: d\n");
});

Deno.test("Output prints only the answer when it is quiet", () => {
  const terminal = new FakeTerminal();
  const output = new Output(terminal, { ...WISH, isQuiet: true });
  output.print("a\n");
  output.info("c");
  output.note("d");
  assert.deepEqual([terminal.outText, terminal.errText], ["a\n", ""]);
});

Deno.test("Output prints what happens safe to print", () => {
  const terminal = new FakeTerminal();
  const output = new Output(terminal, WISH);
  output.info("removed a\x1b[2J.json");
  output.note("the upstream said \x9b2J");
  assert.equal(terminal.errText, "removed a\\u{1b}[2J.json\nnote: the upstream said \\u{9b}2J\n");
});

/** `[how wide the terminal is, undefined for a pipe; the lines]` */
const MESSAGES: readonly [columns: number | undefined, lines: string[]][] = [
  [undefined, ['its token has expired; run "cdx2 auth login --replace old"']],
  [80, ['its token has expired; run "cdx2 auth login --replace old"']],
  [40, ["its token has expired; run", '"cdx2 auth login --replace old"']],
  [10, ["its token", "has", "expired;", "run", '"cdx2 auth login --replace old"']],
];

for (const [columns, lines] of MESSAGES) {
  Deno.test(`a message at ${columns ?? "no"} columns is broken between words, and never in a command to copy`, () => {
    const terminal = new FakeTerminal();
    terminal.errIsTerminal = columns !== undefined;
    terminal.outSize = columns === undefined ? undefined : { columns, rows: 24 };
    new Output(terminal, WISH).info(MESSAGES[0]![1][0]!);
    assert.equal(terminal.errText, lines.map((line) => `${line}\n`).join(""));
  });
}

const COLOURS: { when: string; isTerminal?: boolean; wish?: object; isColoured: boolean }[] = [
  { when: "on a terminal", isColoured: true },
  { when: "into a pipe", isTerminal: false, isColoured: false },
  { when: "with --no-color", wish: { allowsColour: false }, isColoured: false },
  { when: "with NO_COLOR", wish: { env: { NO_COLOR: "1" } }, isColoured: false },
  { when: "with an empty NO_COLOR", wish: { env: { NO_COLOR: "" } }, isColoured: true },
  { when: "on a dumb terminal", wish: { env: { TERM: "dumb" } }, isColoured: false },
];

for (const { when, isTerminal = true, wish, isColoured } of COLOURS) {
  Deno.test(`paletteFor() ${isColoured ? "colours" : "does not colour"} ${when}`, () => {
    const text = paletteFor(isTerminal, { ...WISH, ...wish }).red("x");
    assert.equal(text, isColoured ? "\x1b[31mx\x1b[39m" : "x");
  });
}
