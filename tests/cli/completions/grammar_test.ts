import assert from "node:assert/strict";
import { Argument, Command, Option } from "@commander-js/extra-typings";
import {
  everyCommand,
  grammarOf,
  optionsWithValue,
  runsAnother,
} from "../../../src/cli/completions/grammar.ts";
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
  return grammarOf(program);
}

Deno.test("grammarOf() reads the commands that the help shows, each with its place", () => {
  assert.deepEqual(everyCommand(aProgram()).map(({ place }) => place), ["tool", "tool add", "tool run"]);
});

Deno.test("grammarOf() describes each with its first sentence", () => {
  assert.deepEqual(aProgram().commands.map(({ does }) => does), ["Adds a key, e.g.this one", ""]);
});

Deno.test("grammarOf() tells what options and words are from their placeholders and choices", () => {
  const [add] = aProgram().commands;
  assert.deepEqual(add!.words, [{ kind: "words", words: ["sh", "fish"] }]);
  assert.deepEqual(add!.rest, { kind: "files" });
  assert.deepEqual(add!.options.map(({ names }) => names), [["-n", "--name"], ["--watch"], ["-h", "--help"]]);
  assert.deepEqual(optionsWithValue(add!), [
    { names: ["-n", "--name"], does: "Which", value: { kind: "keys" } },
  ]);
});

Deno.test("grammarOf() knows a command whose words are another program's", () => {
  assert.deepEqual(aProgram().commands.map(runsAnother), [false, true]);
});

Deno.test("grammarOf() has nothing to offer for a placeholder that says nothing", () => {
  assert.deepEqual(grammarOf(new Command("tool").argument("<thing>")).words, [{ kind: "anything" }]);
});

Deno.test("grammarOf() reads every command of cdx2", () => {
  const places = everyCommand(grammarOf(commandTree(systemWorld().terminal, () => {}))).map((one) =>
    one.place
  );
  assert.ok(places.includes("cdx2 auth import"));
  assert.ok(!places.includes("cdx2 run-server"));
});
