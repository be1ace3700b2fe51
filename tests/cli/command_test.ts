import assert from "node:assert/strict";
import { Command } from "@commander-js/extra-typings";
import { defineCommand, defineGroup } from "../../src/cli/command.ts";
import { addCommand, type CliCommand, type Run } from "../../src/cli/command_tree.ts";
import type { World } from "../../src/cli/world.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

const WORLD = { terminal: new FakeTerminal(), env: {} } as unknown as World;

/** A program with the one command, and the runs that its command lines gave. */
function programWith(definition: CliCommand) {
  const program = new Command("tool").exitOverride().configureOutput({ outputError: () => {} });
  const runs: Run[] = [];
  addCommand(program, definition, (run) => void runs.push(run));
  return {
    command: program.commands[0]!,
    runs,
    parse: (...args: string[]) => program.parse(args, { from: "user" }),
  };
}

const TEXTS = { summary: "Greet.", examples: [["greet", "tool greet ann"]] } as const;

const greet = (greeted: unknown[]) =>
  defineCommand({
    ...TEXTS,
    name: "greet",
    group: "People:",
    syntax: (command) => command.argument("<name>", "Who.").option("--times <n>", "How often.", Number, 1),
    run: ({ args: [name], options: { times }, flags, program }) => {
      greeted.push({ name, times, flags, program: program.name() });
      return Promise.resolve(7);
    },
  });

Deno.test("defineCommand() hands over a run that gets what was typed and resolves with the exit code", async () => {
  const greeted: unknown[] = [];
  const { runs, parse } = programWith(greet(greeted));
  parse("greet", "ann", "--times", "2", "--port", "8317");
  assert.deepEqual(greeted, [], "nothing runs while the line is parsed");
  assert.equal(await runs[0]!(WORLD), 7);
  assert.deepEqual(greeted, [{ name: "ann", times: 2, flags: { port: "8317" }, program: "tool" }]);
});

Deno.test("defineCommand() hands over nothing for a line that it does not understand", () => {
  const { runs, parse } = programWith(greet([]));
  assert.throws(() => parse("greet"), /missing required argument 'name'/);
  assert.throws(() => parse("greet", "ann", "--tims"), /unknown option/);
  assert.deepEqual(runs, []);
});

Deno.test("defineCommand() adds the flags of the settings unless it is told not to", () => {
  const bare = defineCommand({
    ...TEXTS,
    name: "bare",
    takesSettings: false,
    syntax: (command) => command,
    run: () => Promise.resolve(0),
  });
  const flags = (definition: CliCommand) => programWith(definition).command.options.map(({ long }) => long);
  assert.deepEqual(flags(bare), []);
  assert.ok(flags(greet([])).includes("--auth-dir"));
});

Deno.test("defineGroup() puts its commands below it", async () => {
  const greeted: unknown[] = [];
  const group = defineGroup({ ...TEXTS, name: "people", commands: [greet(greeted)] });
  const { runs, parse } = programWith(group);
  parse("people", "greet", "ben");
  assert.equal(await runs[0]!(WORLD), 7);
  assert.equal(greeted.length, 1);
});
