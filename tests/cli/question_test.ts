import assert from "node:assert/strict";
import { isAgreed } from "../../src/cli/question.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

/** `[what the user types, undefined for Ctrl-D, whether that is a yes where an empty line is one, and where it is not]` */
const ANSWERS: [string | undefined, boolean, boolean][] = [
  ["", true, false],
  ["  ", true, false],
  ["y", true, true],
  ["YES ", true, true],
  ["n", false, false],
  ["No", false, false],
  ["yellow", false, false],
  ["q", false, false],
  [undefined, false, false],
];

for (const [typed, ...expected] of ANSWERS) {
  Deno.test(`isAgreed() takes ${typed === undefined ? "the end of the input" : JSON.stringify(typed)}`, async () => {
    for (const [index, onEmptyLine] of (["yes", "no"] as const).entries()) {
      const terminal = new FakeTerminal();
      terminal.inText = typed ?? "";
      terminal.inEnds = typed === undefined;
      assert.equal(await isAgreed(terminal, "Really?", onEmptyLine), expected[index]);
      const shown = onEmptyLine === "yes" ? "Really? [Y/n] " : "Really? [y/N] ";
      assert.equal(terminal.errText, typed === undefined ? `${shown}\n` : shown);
    }
  });
}
