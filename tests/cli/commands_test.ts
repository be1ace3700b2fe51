import assert from "node:assert/strict";
import type { CliCommand } from "../../src/cli/command_tree.ts";
import { allCommands, commandsFor } from "../../src/cli/commands.ts";
import { commandTree } from "../../src/cli/main.ts";
import { CliWorld } from "../support/cli_world.ts";
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

Deno.test("the list of commands looks the same with and without their code", async () => {
  const help = (commands: readonly CliCommand[]) =>
    commandTree(new FakeTerminal(), commands, () => {}).helpInformation();
  assert.equal(help(await commandsFor(["--help"])), help(await allCommands()));
});

/** `[the command line, the commands whose options are known then]` */
const WITH_CODE: readonly (readonly [line: string, commands: readonly string[]])[] = [
  ["--help", []],
  ["", []],
  ["statsu", []],
  ["help", ["help"]],
  ["help settings", ["help"]],
  ["help status", ["status", "help"]],
  ["help statsu", ["help"]],
  ["status", ["status"]],
];

for (const [line, names] of WITH_CODE) {
  Deno.test(`commandsFor() loads the code of ${names.join() || "none"} for "${line}"`, async () => {
    const commands = await commandsFor(line.split(" ").filter((arg) => arg !== ""));
    const tree = commandTree(new FakeTerminal(), commands, () => {});
    const loaded = tree.commands.filter(({ options }) => options.length > 0).map((command) => command.name());
    assert.deepEqual(loaded, names);
  });
}

for (const line of ["status", "auth", "auth import", "auth migrate", "trace", "completions"]) {
  Deno.test(`help ${line} shows what ${line} --help does`, async () => {
    const world = new CliWorld();
    const { out } = await world.run(`help ${line}`);
    assert.equal(out, (await world.run(`${line} --help`)).out);
    assert.match(out, /Usage: cdx2 /);
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
