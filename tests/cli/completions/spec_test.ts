import assert from "node:assert/strict";
import { Argument, Command, Option } from "@commander-js/extra-typings";
import { everyCommand, optionsWithValue, runsProgram, specOf } from "../../../src/cli/completions/spec.ts";
import { allCommands } from "../../../src/cli/commands.ts";
import { commandTree } from "../../../src/cli/main.ts";
import { systemWorld } from "../../../src/cli/world.ts";

function aProgram() {
  const program = new Command("tool").description("Does things.\n\nAt length.").helpCommand(false);
  program.command("add").description("Adds a key, e.g.this one. And more.")
    .addArgument(new Argument("<shell>").choices(["sh", "fish"]))
    .argument("[file...]")
    .addOption(new Option("-n, --name <key-name>", "Which."))
    .addOption(new Option("--watch [seconds]"))
    .addOption(new Option("--secret").hideHelp());
  program.command("run").argument("<command>").argument("[args...]");
  program.command("hidden", { hidden: true });
  return specOf(program);
}

Deno.test("specOf() reads the commands that the help shows, each with its path", () => {
  assert.deepEqual(everyCommand(aProgram()).map(({ path }) => path), ["tool", "tool add", "tool run"]);
});

Deno.test("specOf() describes each command with its first sentence", () => {
  assert.deepEqual(aProgram().commands.map(({ summary }) => summary), ["Adds a key, e.g.this one", ""]);
});

Deno.test("specOf() derives candidates from placeholders and choices", () => {
  const [add] = aProgram().commands;
  assert.deepEqual(add!.args, [{ kind: "choices", choices: ["sh", "fish"] }]);
  assert.deepEqual(add!.restArgs, { kind: "files" });
  assert.deepEqual(add!.options.map(({ names }) => names), [["-n", "--name"], ["--watch"], ["-h", "--help"]]);
  assert.deepEqual(optionsWithValue(add!), [
    { names: ["-n", "--name"], summary: "Which", value: { kind: "keys" } },
  ]);
});

Deno.test("specOf() recognizes a command that runs another program", () => {
  assert.deepEqual(aProgram().commands.map(runsProgram), [false, true]);
});

Deno.test("specOf() has no candidates for an unknown placeholder", () => {
  assert.deepEqual(specOf(new Command("tool").argument("<thing>")).args, [{ kind: "anything" }]);
});

Deno.test("specOf() reads every command of cdx2", async () => {
  const paths = everyCommand(specOf(commandTree(systemWorld().terminal, await allCommands(), () => {}))).map((
    one,
  ) => one.path);
  assert.ok(paths.includes("cdx2 auth import"));
  assert.ok(!paths.includes("cdx2 run-server"));
});
