// Every command line in the README and in docs/ is one that the program understands.

import assert from "node:assert/strict";
import { commandTree } from "../../src/cli/main.ts";
import { allCommands } from "../../src/cli/commands.ts";
import { wordsOf } from "../../src/config/command_words.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

const ROOT = new URL("../../", import.meta.url);

/** The command lines in the shell blocks of a page, each with the number of its line. */
function commandLines(page: string): readonly (readonly [line: number, words: readonly string[]])[] {
  let isShell = false;
  return page.split("\n").flatMap((text, at) => {
    if (text.trimStart().startsWith("```")) {
      isShell = /^\s*```(?:sh|bash|shell|console)\b/.test(text);
      return [];
    }
    // A comment after the command, a second command and a redirection are the shell's.
    const own = /(?:^|[;&|(]\s*|\$ )(cdx2 [^|&;<>)#]*?)(?:\s*\d?[<>]|[|&;)#]|$)/.exec(text.trim())?.[1];
    const words = isShell && own !== undefined ? wordsOf(own.replace(/\\$/, "")) : undefined;
    return words ? [[at + 1, words.slice(1)] as const] : [];
  });
}

async function pages(): Promise<readonly (readonly [path: string, text: string])[]> {
  const names = [...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => `docs/${name}`)
    .filter((name) => name.endsWith(".md") && name !== "docs/changelog.md");
  return await Promise.all(
    ["README.md", ...names].map(async (path) => [path, await Deno.readTextFile(new URL(path, ROOT))]),
  );
}

Deno.test("the program understands every command line in the README and the docs", async () => {
  const tree = commandTree(new FakeTerminal(), await allCommands(), () => {});
  const wrong: string[] = [];
  let count = 0;
  for (const [path, text] of await pages()) {
    for (const [line, words] of commandLines(text)) {
      count++;
      try {
        tree.parse([...words], { from: "user" });
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        const isHelp = code === "commander.help" || code === "commander.helpDisplayed" ||
          code === "commander.version";
        if (!isHelp) wrong.push(`${path}:${line}: cdx2 ${words.join(" ")}: ${message}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 30, `only ${count} command lines were found`);
});

Deno.test("a wrong command line in a page is found", () => {
  const page =
    "```sh\ncdx2 usage --daze 3   # a comment\n```\n`cdx2 nonsense` in a sentence\n```json\ncdx2 no\n```\n";
  assert.deepEqual(commandLines(page), [[2, ["usage", "--daze", "3"]]]);
});
