import assert from "node:assert/strict";
import { allCommands } from "../../src/cli/commands.ts";
import { commandTree } from "../../src/cli/main.ts";
import { systemWorld } from "../../src/cli/world.ts";
import { SETTINGS } from "../../src/config/settings_table.ts";
import { CliWorld } from "../support/cli_world.ts";

const commands = commandTree(systemWorld().terminal, await allCommands(), () => {}).commands;
/** The commands that do something: `auth list` instead of `auth`. */
const leafCommands = commands.flatMap((command) =>
  command.commands.length > 0 ? command.commands : [command]
);

Deno.test("commandTree() describes each command and each option in a sentence", () => {
  for (const command of new Set([...commands, ...leafCommands])) {
    const texts = [command.description(), ...command.options.map(({ description }) => description)];
    for (const text of texts) assert.match(text, /^[A-Z`].*[.)]$/s, `${command.name()}: ${text}`);
  }
});

Deno.test("commandTree() gives each command of the proxy an option for every setting with a flag", () => {
  const flags = Object.values(SETTINGS).flatMap(({ flag }) => flag ?? []);
  const withoutSettings = ["completions", "help", "shell-init", "version"];
  for (const command of leafCommands.filter((command) => !withoutSettings.includes(command.name()))) {
    const known = command.options.map(({ long }) => long);
    assert.deepEqual(flags.filter((flag) => !known.includes(flag)), [], command.name());
  }
});

Deno.test("the help lists every command except the internal ones", async () => {
  const { code, out } = await new CliWorld().run("--help");
  assert.equal(code, 0);
  for (const command of commands) {
    const isNamed = new RegExp(`^  ${command.name()} +[A-Z]`, "m").test(out);
    assert.equal(isNamed, !["run-server", "key-names"].includes(command.name()), command.name());
  }
});

const USAGES: { line: string; code: number; says: RegExp }[] = [
  { line: "statsu", code: 2, says: /^Unknown command 'statsu'\nhint: did you mean "cdx2 status"\?\n$/ },
  {
    line: "auth imprt",
    code: 2,
    says: /^Unknown command 'imprt'\nhint: did you mean "cdx2 auth import"\?\n$/,
  },
  { line: "restart", code: 2, says: /hint: did you mean "cdx2 proxy --force"\?\n$/ },
  { line: "login", code: 2, says: /hint: did you mean "cdx2 auth login"\?\n$/ },
  { line: "frobnicate", code: 2, says: /hint: "cdx2 --help" shows what it takes\n$/ },
  { line: "auth remove", code: 2, says: /hint: "cdx2 auth remove --help" shows what it takes\n$/ },
  {
    line: "status --jsn",
    code: 2,
    says: /^Unknown option '--jsn'\nhint: did you mean "cdx2 status --json"\?\n$/,
  },
  { line: "proxy stop", code: 2, says: /hint: did you mean "cdx2 stop"\?\n$/ },
  { line: "proxy restart", code: 2, says: /hint: did you mean "cdx2 proxy --force"\?\n$/ },
  { line: "reset work", code: 2, says: /hint: did you mean "cdx2 reset --name work"\?\n$/ },
  { line: "proxy constructor", code: 2, says: /hint: "cdx2 proxy --help" shows/ },
  { line: "proxy 5", code: 2, says: /hint: "cdx2 proxy --help" shows what it takes\n$/ },
  { line: "auth rm", code: 2, says: /hint: did you mean "cdx2 auth remove KEY"\?\n$/ },
  { line: "status extra", code: 2, says: /^Too many arguments/ },
  { line: "logs --lines few", code: 2, says: /'few' is invalid. Allowed is a whole number from 0\n/ },
  { line: "trace --interval 0", code: 2, says: /Allowed is a number of seconds from 0.1\n/ },
  { line: "proxy --port 70000", code: 2, says: /^Bad port "70000" \(from --port\)/ },
  { line: "proxy --foreground --json", code: 2, says: /'--foreground' cannot be used with option '--json'/ },
  { line: "proxy --shell tcsh", code: 2, says: /Allowed choices are/ },
  { line: "run", code: 2, says: /^Missing required argument/ },
];

for (const { line, code, says } of USAGES) {
  Deno.test(`"cdx2 ${line}" ends with ${code} and says why on stderr only`, async () => {
    const finished = await new CliWorld().run(line);
    assert.equal(finished.code, code);
    assert.match(finished.err, says);
    if (!line.includes("--json")) assert.equal(finished.out, "");
  });
}

Deno.test("no command at all shows the help on stderr and ends with 2", async () => {
  const world = new CliWorld();
  const { code, out, err } = await world.run("--no-color");
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^Usage: cdx2/);
});

Deno.test("--version prints nothing but the version", async () => {
  assert.match((await new CliWorld().run("--version")).out, /^\d+\.\d+\.\d+\n$/);
});

for (const line of ["--no-color trace", "trace --no-color"]) {
  Deno.test(`"cdx2 ${line}" does not colour`, async () => {
    const world = new CliWorld();
    world.terminal.outIsTerminal = true;
    world.runService();
    world.events = [{ id: 1, route: "request", status: 500 }];
    assert.ok(!(await world.run(line)).out.includes("\x1b"));
    assert.ok((await world.run("trace")).out.startsWith("\x1b[31m"));
  });
}

for (
  const [line, code] of [
    ["status --json --port 70000", "wrong_usage"],
    ["status --json extra", "wrong_usage"],
    ["trace --json", "failed"],
    ["reset --json", "failed"],
  ] as const
) {
  Deno.test(`"cdx2 ${line}" also fails as JSON, on standard output`, async () => {
    const { code: exitCode, out, err } = await new CliWorld().run(line);
    const { ok, error } = JSON.parse(out);
    assert.deepEqual([ok, error.code, exitCode], [false, code, code === "failed" ? 1 : 2]);
    assert.ok(err.startsWith(error.message), err);
    assert.ok(error.hint === null || err.endsWith(`hint: ${error.hint}\n`), err);
  });
}
