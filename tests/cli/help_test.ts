import assert from "node:assert/strict";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { addExamples, exampleLines, examplesOf, HELP_LAYOUT } from "../../src/cli/help.ts";
import { allCommands } from "../../src/cli/commands.ts";
import { commandTree } from "../../src/cli/main.ts";
import { systemWorld } from "../../src/cli/world.ts";

const program = commandTree(systemWorld().terminal, await allCommands(), () => {});
const commands = below(program, "cdx2");

/** Every command that the help shows, with its place. */
function below(command: CommandUnknownOpts, place: string): (readonly [string, CommandUnknownOpts])[] {
  const inner = command.createHelp().visibleCommands(command);
  return [[place, command], ...inner.flatMap((one) => below(one, `${place} ${one.name()}`))];
}

for (const [place, command] of commands) {
  Deno.test(`"${place} --help" has a summary and two to four examples of it`, () => {
    assert.match(command.createHelp().subcommandDescription(command), /^[A-Z].+\.$/s);
    const examples = examplesOf(command);
    assert.ok(examples.length >= 2 && examples.length <= 4, `${examples.length} examples`);
    for (const [does] of examples) assert.match(does, /^[^#].*[^.]$/);
    assert.ok(examples.filter(([, line]) => line.includes(place)).length >= 2);
  });

  Deno.test(`"${place} --help" has only examples with options that there are`, () => {
    for (const [, line] of examplesOf(command)) {
      for (const [, use = ""] of line.matchAll(/\b(cdx2(?: [^|>&;()]+)?)/g)) assertKnownOptions(use);
    }
  });

  Deno.test(`"${place} --help" has its options in groups, its own first`, () => {
    const help = command.helpInformation();
    const settings = help.indexOf("\nSettings (service):");
    assert.ok(settings < 0 || help.indexOf("\nOptions:") < settings);
    assert.equal(/^ {2}--auth-dir/m.test(help), settings >= 0);
  });
}

/** `use` is what is typed, up to the next word of the shell. */
function assertKnownOptions(use: string): void {
  const words = use.split(/\s+/);
  let command: CommandUnknownOpts = program;
  for (const word of words.slice(1)) {
    if (word === "--") return;
    const inner = command.commands.find((one) => one.name() === word);
    if (inner) command = inner;
    else if (!word.startsWith("-") && ["codex", "run"].includes(command.name())) return;
    // A negative number is an argument.
    else if (/^--?[A-Za-z]/.test(word)) {
      const known = command.createHelp().visibleOptions(command);
      const name = word.replace(/["=].*$/, "");
      assert.ok(known.some(({ short, long }) => name === short || name === long), `${use}: ${word}`);
    }
  }
}

function helpAt(columns: number): string {
  const command = new Command("tool").configureHelp({ ...HELP_LAYOUT, helpWidth: columns })
    .option("--management-key <key>", "What a caller of the management endpoints has to present.")
    .option("-q", "Nothing.");
  return command.helpInformation();
}

/** `[columns, a line of the help]` */
const LAYOUTS: readonly (readonly [number, string])[] = [
  [120, "  --management-key <key>  What a caller of the management endpoints has to present."],
  [80, "  --management-key <key>  What a caller of the management endpoints has to"],
  [50, "      What a caller of the management endpoints\n      has to present."],
  [30, "      What a caller of the\n      management endpoints has"],
];

for (const [columns, line] of LAYOUTS) {
  Deno.test(`HELP_LAYOUT fits into ${columns} columns`, () => {
    const help = helpAt(columns);
    assert.ok(help.includes(`${line}\n`), help);
    assert.ok(help.split("\n").every((one) => one.length <= columns), help);
  });
}

Deno.test("addExamples() ends the help with lines that can be pasted into a shell", () => {
  let help = "";
  const command = addExamples(new Command("tool"), ["see it", "tool -q"], ["hide it", "tool | cat"])
    .configureOutput({ writeOut: (text) => help += text });
  command.outputHelp();
  assert.ok(help.endsWith("\nExamples:\n  # see it\n  tool -q\n  # hide it\n  tool | cat\n"), help);
  assert.deepEqual(exampleLines(examplesOf(command)), ["# see it", "tool -q", "# hide it", "tool | cat"]);
});

Deno.test("addExamples() breaks a purpose between words, each line a comment of its own", () => {
  let help = "";
  const line = "tool --with a-long-name --and another";
  const command = addExamples(new Command("tool"), ["see what a long purpose looks like", line])
    .configureOutput({ writeOut: (text) => help += text, getOutHelpWidth: () => 24 });
  command.outputHelp();
  assert.ok(help.endsWith(`\n  # see what a long\n  # purpose looks like\n  ${line}\n`), help);
});
