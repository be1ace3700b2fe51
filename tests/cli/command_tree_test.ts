import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { addCommand, type Run } from "../../src/cli/command_tree.ts";
import { examplesOf } from "../../src/cli/help.ts";

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
