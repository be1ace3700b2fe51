import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { PATHS } from "../../support/service_world.ts";

function worldWithLogs(): CliWorld {
  const world = new CliWorld();
  world.machine.files.put(`${PATHS.logFile}.1`, "one\ntwo\n");
  world.machine.files.put(PATHS.logFile, "three\nfour\n");
  world.machine.files.put(PATHS.eventsFile, '{"event":"proxy.started"}\n');
  return world;
}

const COMMAND_LINES: [line: string, out: string][] = [
  ["logs", "one\ntwo\nthree\nfour\n"],
  ["logs --lines 3", "two\nthree\nfour\n"],
  ["logs --lines 2", "three\nfour\n"],
  ["logs -n 1", "four\n"],
  ["logs --lines 0", ""],
  ["logs --events", '{"event":"proxy.started"}\n'],
  ["logs --json", '{"event":"proxy.started"}\n'],
];

for (const [line, out] of COMMAND_LINES) {
  Deno.test(`"${line}" shows the newest lines, across a rotation`, async () => {
    assert.deepEqual(await worldWithLogs().run(line), { code: 0, out, err: "" });
  });
}

Deno.test("logs says where it looked when there is no log yet", async () => {
  const finished = await new CliWorld().run("logs");
  assert.deepEqual(finished, { code: 0, out: "", err: `there is no log yet: ${PATHS.logFile}\n` });
});

Deno.test("logs shows local times on a terminal, and events as they are", async () => {
  const world = worldWithLogs();
  world.terminal.outIsTerminal = true;
  const line = "2027-01-15T08:00:00.000Z WARN  auth.cooldown  work.json cools down";
  world.machine.files.put(PATHS.logFile, `${line}\n`);
  const { out } = await world.run("logs -n 1 --no-color");
  assert.match(out, /^\d\d:\d\d:\d\d WARN {2}auth\.cooldown {2}work\.json cools down\n$/);
  assert.equal((await world.run("logs --events")).out, '{"event":"proxy.started"}\n');
});

Deno.test("logs breaks its lines between words, for the width that the terminal has", async () => {
  const world = worldWithLogs();
  world.terminal.outIsTerminal = true;
  world.terminal.outSize = { columns: 40, rows: 20 };
  const line = "2027-01-15T08:00:00.000Z WARN  auth.cooldown  work.json cools down for an hour";
  world.machine.files.put(PATHS.logFile, `${line}\n`);
  const { out } = await world.run("logs -n 1 --no-color");
  assert.equal(
    out.replace(/\d\d:\d\d:\d\d/, "TIME"),
    [
      "TIME WARN  auth.cooldown  work.json",
      "  cools down for an hour",
      "",
    ].join("\n"),
  );
});
