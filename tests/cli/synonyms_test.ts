import assert from "node:assert/strict";
import { meantCommand } from "../../src/cli/synonyms.ts";

const COMMANDS = ["proxy", "status", "stop", "reset", "auth", "all", "trace", "logs", "doctor"];

const MEANT: readonly [word: string, meant: string | undefined][] = [
  ["start", "cdx2 proxy"],
  ["restart", "cdx2 proxy --force"],
  ["login", "cdx2 auth login"],
  ["LS", "cdx2 auth list"],
  ["stats", "cdx2 usage"],
  ["upgrade", "cdx2 version --check"],
  ["kill", "cdx2 stop"],
  ["statsu", "cdx2 status"],
  ["docter", "cdx2 doctor"],
  ["frobnicate", undefined],
];

for (const [word, meant] of MEANT) {
  Deno.test(`meantCommand() takes "${word}" for ${meant ?? "nothing that it knows"}`, () => {
    assert.equal(meantCommand(word, "cdx2", COMMANDS), meant);
  });
}

Deno.test("meantCommand() knows no synonyms below a command", () => {
  assert.equal(meantCommand("ls", "cdx2 auth", ["list", "import"]), undefined);
  assert.equal(meantCommand("imprt", "cdx2 auth", ["list", "import"]), "cdx2 auth import");
});
