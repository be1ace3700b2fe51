import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { saidBy, testWith } from "../../support/installed.ts";

const { out: SCRIPT } = await new CliWorld().run("completions powershell");

const LINES: readonly RegExp[] = [
  /^ {8}'cdx2 auth 0' = \[ordered\]@\{ 'list' = '.+'; 'import' = '.+'; 'remove' = '.+' \}$/m,
  /^ {8}'cdx2 auth remove 0' = 'keys'$/m,
  /^ {8}'cdx2 reset --name' = 'keys'$/m,
  /^ {8}'cdx2 completions 0' = \[ordered\]@\{ 'bash' = 'bash'; /m,
  /^ {8}'cdx2 logs --lines' = \[ordered\]@\{ {2}\}$/m,
  /^ {8}'cdx2 logs -n' = \[ordered\]@\{ {2}\}$/m,
  /^ {8}'cdx2 run' = .*'--quiet' = 'Print only the answer and errors'/m,
  /@\('cdx2 codex', 'cdx2 run'\) -contains \$path/,
];

for (const line of LINES) {
  Deno.test(`powershellScript() has a line like ${line.source}`, () => assert.match(SCRIPT, line));
}

// PowerShell does not tell the case of keys apart, and refuses a table that has one twice.
Deno.test("powershellScript() has no table with one key twice", () => {
  const tables = [...SCRIPT.matchAll(/@\{ (.+?) \}$/gm)];
  assert.ok(tables.length > 10);
  for (const [, rows = ""] of tables) {
    const keys = [...rows.matchAll(/(?:^|; )'((?:[^']|'')*)' =/g)].map(([, key = ""]) => key.toLowerCase());
    assert.deepEqual(keys, [...new Set(keys)]);
  }
});

testWith("pwsh", "powershellScript() makes a script that PowerShell runs", async () => {
  assert.equal(await saidBy("pwsh", ["-NoProfile", "-Command", "-"], { input: SCRIPT }), "");
});
