// Every command line in the README and in docs/ is one that the program understands. tests/e2e/documented_lines_test.ts
// runs them.

import assert from "node:assert/strict";
import { commandTree } from "../../src/cli/main.ts";
import { allCommands } from "../../src/cli/commands.ts";
import { wordsOf } from "../../src/config/command_words.ts";
import { type DocumentedLine, documentedLines, shellLines } from "../support/documented_lines.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

/** What the line has cdx2 do; `undefined` for a line without cdx2. */
function wordsForCdx2({ text }: DocumentedLine): readonly string[] | undefined {
  // A comment after the command, a second command and a redirection are the shell's.
  const own = /(?:^|[;&|(]\s*|\$ )(cdx2 [^|&;<>)#]*?)(?:\s*\d?[<>]|[|&;)#]|$)/.exec(text)?.[1];
  return own === undefined ? undefined : wordsOf(own.replace(/\\$/, ""))?.slice(1);
}

Deno.test("the program understands every command line in the README and the docs", async () => {
  const tree = commandTree(new FakeTerminal(), await allCommands(), () => {});
  const wrong: string[] = [];
  let count = 0;
  for (const documented of await documentedLines()) {
    const words = wordsForCdx2(documented);
    if (words === undefined) continue;
    count++;
    try {
      tree.parse([...words], { from: "user" });
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      const isHelp = code === "commander.help" || code === "commander.helpDisplayed" ||
        code === "commander.version";
      if (!isHelp) wrong.push(`${documented.page}:${documented.line}: cdx2 ${words.join(" ")}: ${message}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 30, `only ${count} command lines were found`);
});

Deno.test("a wrong command line in a page is found", () => {
  const page =
    "```sh\ncdx2 usage --daze 3   # a comment\n```\n`cdx2 nonsense` in a sentence\n```json\ncdx2 no\n```\n";
  const lines = shellLines("page.md", page);
  assert.deepEqual(lines.map(({ line }) => line), [2]);
  assert.deepEqual(lines.map(wordsForCdx2), [["usage", "--daze", "3"]]);
});
