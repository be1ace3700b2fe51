import assert from "node:assert/strict";
import { allCommands, commandsFor } from "../../src/cli/commands.ts";
import { commandTree } from "../../src/cli/main.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

const ALL = (await allCommands()).map(({ name }) => name);

const LOADED: readonly (readonly [line: string, commands: readonly string[]])[] = [
  ["--version", []],
  ["--no-color -V", []],
  ["status", ["status"]],
  ["--no-color status --json", ["status"]],
  ["auth list", ["auth"]],
  ["run-server --port 0", ["run-server"]],
  ["run -- status", ["run"]],
  ["completions bash", ALL],
  ["--help", ALL],
  ["statsu", ALL],
  ["", ALL],
  ["--unknown status", ALL],
];

for (const [line, commands] of LOADED) {
  Deno.test(`commandsFor() loads ${commands === ALL ? "all" : commands.join() || "nothing"} for "${line}"`, async () => {
    const args = line.split(" ").filter((arg) => arg !== "");
    assert.deepEqual((await commandsFor(args)).map(({ name }) => name), commands);
  });
}

Deno.test("each command is loaded by its own name", async () => {
  for (const name of ALL.filter((name) => name !== "completions" && name !== "help")) {
    assert.deepEqual((await commandsFor([name])).map((command) => command.name), [name]);
  }
});

/** `[what follows auth, the commands below it that are loaded; undefined: all]` */
const BELOW_AUTH: [string, readonly string[] | undefined][] = [
  ["list", ["list"]],
  ["--no-color rename a b", ["rename"]],
  ["lst", undefined],
  ["--help", undefined],
  ["", undefined],
];

for (const [rest, names] of BELOW_AUTH) {
  Deno.test(`commandsFor() loads ${names?.join() ?? "all"} below auth for "${rest}"`, async () => {
    const commands = await commandsFor(["auth", ...rest.split(" ").filter((arg) => arg !== "")]);
    const tree = commandTree(new FakeTerminal(), commands, () => {});
    const loaded = tree.commands[0]!.commands.map((command) => command.name());
    if (names) assert.deepEqual(loaded, names);
    else assert.ok(loaded.includes("list") && loaded.includes("migrate"));
  });
}
