import assert from "node:assert/strict";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { allCommands } from "../../src/cli/commands.ts";
import { COMMAND_LIST } from "../../src/cli/command_list.ts";
import { commandTree } from "../../src/cli/main.ts";
import { meantCommand, SYNONYMS } from "../../src/cli/synonyms.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

const COMMANDS = ["proxy", "status", "stop", "reset", "auth", "all", "trace", "logs", "doctor"];

const MEANT: readonly [word: string, meant: string | undefined][] = [
  ["start", "cdx2 proxy"],
  ["restart", "cdx2 proxy --force"],
  ["login", "cdx2 auth login"],
  ["LS", "cdx2 auth list"],
  ["stats", "cdx2 usage"],
  ["upgrade", "cdx2 version --check"],
  ["session", "cdx2 usage --by session"],
  ["events", "cdx2 logs --events"],
  ["forecast", "cdx2 all"],
  ["switch", "cdx2 codex --key KEY"],
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

const BELOW: readonly [path: string, word: string, meant: string | undefined][] = [
  ["cdx2 auth", "ls", "cdx2 auth list"],
  ["cdx2 auth", "rm", "cdx2 auth remove KEY"],
  ["cdx2 auth", "imprt", "cdx2 auth import"],
  ["cdx2 auth", "usage-x", undefined],
  ["cdx2 auth", "quota", "cdx2 all"],
  ["cdx2 clients", "revoke", "cdx2 clients remove NAME"],
  ["cdx2 service", "enable", "cdx2 service install"],
  ["cdx2 service", "restart", "cdx2 proxy --force"],
];

for (const [path, word, meant] of BELOW) {
  Deno.test(`meantCommand() takes "${path} ${word}" for ${meant ?? "nothing that it knows"}`, () => {
    const commands = ["list", "import", "remove", "login", "add", "install"];
    assert.equal(meantCommand(word, path, commands), meant);
  });
}

Deno.test("every synonym names a command that is there, and no word is a command or stands for two", async () => {
  const tree = commandTree(new FakeTerminal(), await allCommands(), () => {});
  // What follows a command without others below it are its arguments.
  const isCommand = (line: string) => {
    const words = line.split(" ").slice(1).filter((word) => /^[a-z]/.test(word));
    let at: CommandUnknownOpts | undefined = tree;
    for (const word of words) if (at?.commands.length) at = at.commands.find((one) => one.name() === word);
    return at !== undefined;
  };
  for (const [path, lines] of Object.entries(SYNONYMS)) {
    assert.ok(isCommand(path), path);
    const words = Object.values(lines).flatMap((text) => text.split(" "));
    assert.deepEqual(words.filter((word, at) => words.indexOf(word) !== at), []);
    for (const word of words) {
      assert.ok(path === "cdx2" ? !(word in COMMAND_LIST) : !isCommand(`${path} ${word}`), word);
    }
    for (const line of Object.keys(lines)) assert.ok(isCommand(line), line);
  }
});
