import assert from "node:assert/strict";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { addCommand, type Run } from "../../src/cli/command_tree.ts";
import { allCommands, commandsFor, describesOthers } from "../../src/cli/commands.ts";
import { examplesOf } from "../../src/cli/help.ts";
import { commandTree } from "../../src/cli/main.ts";
import { flagsOf } from "../../src/cli/options.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

const GREET = {
  name: "greet",
  group: "People:",
  isHidden: false,
  summary: "Greet.",
  details: "Politely.",
  examples: [["greet", "tool greet ann"]],
} as const;

Deno.test("addCommand() gives the help what the command says about itself", () => {
  const program = new Command("tool");
  addCommand(program, { ...GREET, declare: () => {} }, () => {});
  const command = program.commands[0]!;
  assert.deepEqual([command.summary(), command.description()], ["Greet.", "Greet.\n\nPolitely."]);
  assert.equal(command.helpGroup(), "People:");
  assert.deepEqual(examplesOf(command), GREET.examples);
});

Deno.test("addCommand() hands over what to run when a line names the command", () => {
  const program = new Command("tool");
  const runs: Run[] = [];
  const run: Run = () => Promise.resolve(7);
  addCommand(
    program,
    { ...GREET, declare: (command, onMatch) => void command.action(() => onMatch(run)) },
    (run) => void runs.push(run),
  );
  program.parse(["greet"], { from: "user" });
  assert.deepEqual(runs, [run]);
});

/** What a command line gives: the options and arguments of the command that it names, or what is wrong with it. */
async function readAs(line: readonly string[], isShort: boolean): Promise<unknown> {
  let matches = 0;
  const onMatch = () => void matches++;
  const terminal = new FakeTerminal();
  const tree = commandTree(terminal, await commandsFor(line), onMatch, {
    line: isShort && !describesOthers(line) ? line : undefined,
  });
  const thrown = whatThrows(() => tree.parse([...line], { from: "user" }));
  let command: CommandUnknownOpts = tree;
  for (const word of line) command = command.commands.find((one) => one.name() === word) ?? command;
  const [given, flags] = [command.opts(), flagsOf(command)];
  return { thrown, matches, name: command.name(), args: command.args, given, flags, said: terminal };
}

function whatThrows(act: () => unknown): string | undefined {
  try {
    return void act();
  } catch (error) {
    return String(error);
  }
}

/** Words of every kind, after the name of each command. */
const MORE = [
  [],
  ["--json"],
  ["--quiet"],
  ["-q", "--json"],
  ["--no-color"],
  ["--line"],
  ["--line", "--json"],
  ["--print-env-only"],
  ["--print-env-only", "--shell", "fish"],
  ["--shell"],
  ["--force"],
  ["--port", "8317"],
  ["--port=8317"],
  ["--port"],
  ["--json", "--auth-dir", "/keys"],
  ["--allow-non-loopback"],
  ["--portt", "8317"],
  ["-qj"],
  ["-x"],
  ["--help"],
  ["-h"],
  ["list"],
  ["list", "--json"],
  ["list", "--auth-dir", "/keys"],
  ["import", "-"],
  ["word"],
  ["word", "more", "words"],
  ["--", "--port"],
  ["--days", "7", "--by", "key"],
] as const;

for (const { name } of await allCommands()) {
  Deno.test(`a line of ${name} means the same with the options that it takes as with all of them`, async () => {
    for (const more of MORE) {
      const line = [name, ...more];
      assert.deepEqual(await readAs(line, true), await readAs(line, false), line.join(" "));
    }
  });
}

Deno.test("a line without options of settings declares none of them", async () => {
  const declared = async (line: readonly string[]) => {
    const [command] = await commandsFor(line);
    const tree = commandTree(new FakeTerminal(), [command!], () => {}, { line });
    return tree.commands[0]!.options.some(({ long }) => long === "--port");
  };
  assert.equal(await declared(["all", "--line"]), false);
  assert.equal(await declared(["status"]), false);
  assert.equal(await declared(["status", "--help"]), true);
  assert.equal(await declared(["status", "--port=1"]), true);
});
