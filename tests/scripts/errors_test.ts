// The list of errors in docs/cli.md against the code: every message that a command can end with, and every answer that
// the proxy gives by itself, has its row, and no row is about one that is gone.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { REFUSAL_TYPES } from "../../src/api/refusal.ts";
import { ERRORS, REFUSALS } from "../../scripts/docs/errors.ts";

const SOURCE = (await readFolder(fileURLToPath(new URL("../../src", import.meta.url)))).join("\n");
const REFUSAL_SOURCE = (await Promise.all(
  ["refusal", "admission"].map((name) =>
    Deno.readTextFile(new URL(`../../src/proxy/${name}.ts`, import.meta.url))
  ),
)).join("\n");

/** What stands before the first value: in the code, and in the rows. */
const heads = [...SOURCE.matchAll(/new UserError\(\s*\[?["'`]([^"'`$]+)/g)].map(([, head = ""]) => head);
const messages = ERRORS.flatMap(({ says }) => says.split(" · "));

Deno.test("ERRORS has a row for each message of a UserError", () => {
  assert.ok(heads.length > 15);
  for (const head of heads) assert.ok(messages.some((message) => message.startsWith(head)), head);
});

for (const message of messages) {
  Deno.test(`ERRORS says "${message}" as the code does`, () => {
    const [head = ""] = message.split(/['(]?\b[A-Z]{2,}\b/);
    const isOfCommander = /^(?:Unknown|Missing|Option|Too many)/.test(head);
    assert.ok(isOfCommander || SOURCE.includes(head) || heads.some((one) => message.startsWith(one)), head);
  });
}

Deno.test("REFUSALS has a row for each type of answer, and no other", () => {
  assert.deepEqual(REFUSALS.map(({ type }) => type).sort(), [...REFUSAL_TYPES].sort());
  for (const type of REFUSAL_TYPES) assert.ok(REFUSAL_SOURCE.includes(`"${type}"`), type);
});

async function readFolder(folder: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    texts.push(...(isDirectory ? await readFolder(path) : [await Deno.readTextFile(path)]));
  }
  return texts;
}
