// The one rule for `--json`: whatever fails in whichever command, standard output is one JSON object with the message and
// the hint that standard error has.

import assert from "node:assert/strict";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { allCommands } from "../../src/cli/commands.ts";
import { commandTree } from "../../src/cli/main.ts";
import { CliWorld } from "../support/cli_world.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";
import { AUTH_DIR } from "../support/service_world.ts";

// What follows their names belongs to another program.
const RUNNING_OTHERS = ["codex", "run"];

/** The command lines of all commands and groups, but for those of other programs. */
function linesBelow(command: CommandUnknownOpts, path: readonly string[] = []): readonly string[] {
  const own = path.length === 0 ? [] : [path.join(" ")];
  return [...own, ...command.commands.flatMap((inner) => linesBelow(inner, [...path, inner.name()]))]
    .filter((line) => !RUNNING_OTHERS.includes(line));
}

const LINES = linesBelow(commandTree(new FakeTerminal(), await allCommands(), () => {}));

/** Runs a line with `--json` and checks that it fails by the rule; returns the message. */
async function messageOf(world: CliWorld, line: string, exitCode: number): Promise<string> {
  const { code, out, err } = await world.run(line);
  assert.equal(code, exitCode, `${line}: ${out}${err}`);
  const failure = JSON.parse(out);
  const { message, hint } = failure.error;
  assert.deepEqual(failure, {
    ok: false,
    error: { code: exitCode === 2 ? "wrong_usage" : failure.error.code, message, hint },
  });
  assert.ok(typeof message === "string" && !/[.\n]$/.test(message), message);
  assert.ok(hint === null || typeof hint === "string" && hint !== "", line);
  assert.ok(err.includes(message) && err.includes(hint ?? "") || /^Usage: /.test(err), err);
  return message;
}

Deno.test("with --json every command fails by the rule where its command line is wrong", async () => {
  for (const line of LINES) {
    assert.match(
      await messageOf(new CliWorld(), `${line} --json --no-such-option`, 2),
      /^(?:Unknown|Required) (?:option|command)/,
    );
    await messageOf(new CliWorld(), `${line} a b c d e f --json`, 2);
  }
});

Deno.test("run --json fails by the rule, and leaves the options of its program alone", async () => {
  for (const line of ["run --json", "run --json true", "run --json -- true", "run --key x --json -- true"]) {
    await messageOf(new CliWorld(), line, 2);
  }
  for (
    const line of [
      "run --no-such -- true --json",
      "run --key x nothing-like-it --json",
      "run --no-such true -- --json",
    ]
  ) {
    const { code, out } = await new CliWorld().run(line);
    assert.deepEqual([code > 0, out], [true, ""], line);
  }
});

const GROUPS = ["", "auth ", "clients ", "service ", "setup "];

for (const group of GROUPS) {
  Deno.test(`"cdx2 ${group}--json" fails by the rule, since it names no command`, async () => {
    assert.match(await messageOf(new CliWorld(), `${group}--json`, 2), /names no command|--json/);
  });
}

Deno.test("with --json every command with settings fails by the rule where one is bad", async () => {
  const world = new CliWorld();
  world.env = { ...world.env, CLIPROXY_PORT: "99999" };
  const lines = [
    ...["proxy", "status", "doctor", "trace", "all", "reset", "stop", "logs", "usage"],
    ...["auth list", "auth import", "auth remove a", "auth login", "auth refresh", "auth disable a"],
    ...["auth enable a", "auth priority a 1", "auth rename a b", "auth migrate --to file"],
    ...["clients list", "clients add a", "clients remove a", "pool"],
  ];
  for (const line of lines) {
    assert.match(await messageOf(world, `${line} --json`, 2), /port|PORT/, line);
  }
});

/** `[the command line, the exit code, the message]` on a machine without keys and without a proxy */
const ALONE: readonly (readonly [line: string, exitCode: 1 | 2, message: RegExp])[] = [
  ["trace", 1, /not running/],
  ["reset", 1, /not running/],
  ["usage --html page.html", 2, /html/],
  ["usage --by moon", 2, /moon/],
  ["usage --days 0", 2, /days/],
  ["all --warn-at 400", 2, /warn-at/],
  ["doctor --replay /no/such/file", 1, /no\/such\/file/],
  ["doctor --set a=1", 2, /--replay/],
  ["auth import", 1, /no \/home\/ann/],
  ["auth import /no/such/file", 1, /no\/such\/file/],
  ["auth import /broken.json", 1, /not valid JSON/],
  ["auth import --move --borrow", 2, /at once/],
  ["auth remove nobody --yes", 1, /nobody/],
  ["auth refresh nobody", 1, /nobody/],
  ["auth disable nobody", 1, /nobody/],
  ["auth enable nobody", 1, /nobody/],
  ["auth priority nobody 1", 1, /nobody/],
  ["auth rename nobody other", 1, /nobody/],
  ["auth migrate --to drawer", 2, /drawer/],
  ["clients remove nobody", 1, /nobody/],
  ["help nosuch", 2, /--json/],
  ["statsu", 2, /statsu/],
  ["auth lst", 2, /lst/],
];

for (const [line, exitCode, message] of ALONE) {
  Deno.test(`"cdx2 ${line} --json" fails by the rule`, async () => {
    const world = new CliWorld();
    world.machine.files.put("/broken.json", "{");
    world.machine.files.put(`${AUTH_DIR}/.keep`, "");
    assert.match(await messageOf(world, `${line} --json`, exitCode), message);
  });
}

Deno.test("with --json a proxy that refuses the management key is a failure by the rule", async () => {
  for (const line of ["trace", "reset"]) {
    const world = new CliWorld();
    world.runService();
    world.env = { ...world.env, CLIPROXY_MANAGEMENT_KEY: "another-key" };
    await messageOf(world, `${line} --json`, 1);
  }
});
