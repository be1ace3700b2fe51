import assert from "node:assert/strict";
import { allCommands, commandsFor } from "../../src/cli/commands.ts";

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
