import assert from "node:assert/strict";
import { answer, type Reply } from "../../support/fake_send.ts";
import { aLaptop, MANAGEMENT } from "../../support/gateway.ts";
import { aDebugView } from "../../support/service_world.ts";
import { machine, usage } from "../../support/usage_world.ts";

/** `[what, replies, exit code, what it says]` */
const ENDINGS: [string, Reply[], number, RegExp][] = [
  ["one key is usable", [usage(0, 0), "not_sent"], 0, /^$/],
  [
    "all are exhausted",
    [usage(100, 0), usage(0, 100)],
    0,
    /^no key is usable now; a.json is next, in 10m\n$/,
  ],
  ["none could be asked", ["not_sent", answer(401)], 1, /^$/],
  [
    "there is none",
    [],
    1,
    /^There are no usable keys in \/keys\nhint: add one with "cdx2 auth login" or "cdx2 auth import"; "cdx2 auth list" says why a file .*\n$/,
  ],
];

for (const [what, replies, exitCode, says] of ENDINGS) {
  Deno.test(`all ends with ${exitCode} when ${what}`, async () => {
    const { code, err } = await machine(...replies).run("all");
    assert.equal(code, exitCode);
    assert.match(err, says);
  });
}

Deno.test("all fits its cards to the terminal, and prints one per row into a pipe", async () => {
  const world = machine(usage(0, 0), usage(0, 0), usage(0, 0));
  const cardsBeside = async () => (await world.run("all")).out.split("\n")[2]!.match(/Key/g)!.length;
  assert.equal(await cardsBeside(), 1);
  world.terminal.outIsTerminal = true;
  assert.equal(await cardsBeside(), 2);
  world.terminal.outSize = { columns: 200, rows: 50 };
  assert.equal(await cardsBeside(), 3);
});

/** `[how many rows, the usage of the keys, whether cards fit]`: they take 7 rows, what all has to say and the prompt one each. */
const ROOM: readonly [rows: number, keys: Reply[], isCards: boolean][] = [
  [8, [usage(0, 0), usage(0, 0)], true],
  [7, [usage(0, 0), usage(0, 0)], false],
  [9, [usage(100, 0), usage(0, 100)], true],
  [8, [usage(100, 0), usage(0, 100)], false],
];

for (const [rows, keys, isCards] of ROOM) {
  Deno.test(`all on ${rows} rows prints ${isCards ? "cards" : "one line per key"} beside what it has to say`, async () => {
    const world = machine(...keys);
    world.terminal.outIsTerminal = world.terminal.errIsTerminal = true;
    world.terminal.outSize = { columns: 80, rows };
    assert.equal((await world.run("all")).out.includes("Weekly"), isCards);
  });
}

for (const [line, spins] of [["all", true], ["all --quiet", false], ["all --plain", false]] as const) {
  Deno.test(`"cdx2 ${line}" ${spins ? "spins" : "does not spin"} while a terminal waits`, async () => {
    const world = machine("hang", usage(0, 0));
    world.terminal.errIsTerminal = true;
    const running = world.run(line);
    await world.machine.clock.advance(8000);
    const { err } = await running;
    assert.equal(err.includes("⠋ asking the keys: 1 of 2 have answered"), spins);
    if (spins) assert.ok(err.endsWith("\r\x1b[2K"));
    else assert.equal(err, "");
  });
}

Deno.test("all --watch prints repeatedly where there is no screen", async () => {
  const world = machine(usage(40, 10));
  void world.run("all --watch 5 --plain");
  await world.machine.clock.advance(12_000);
  const heads = world.terminal.outText.match(/^Global left: 75%$/gm);
  assert.equal(heads?.length, 3);
  assert.ok(world.terminal.outText.includes("reset in 10m\n\nGlobal left"));
});

Deno.test("all that is interrupted while it asks leaves no spinner behind", async () => {
  const world = machine("hang");
  world.terminal.errIsTerminal = true;
  const running = world.run("all");
  await world.machine.clock.advance(500);
  world.machine.processes.receive("SIGINT");
  const { code, out, err } = await running;
  assert.deepEqual([code, out], [130, ""]);
  assert.ok(err.endsWith("\r\x1b[2K"), JSON.stringify(err));
});

Deno.test("all says of a gateway without keys that they are added there", async () => {
  // Any page that is asked for.
  const page = () => Response.json({ ...aDebugView({}), ok: false, accounts: [] });
  const { code, err } = await aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT }, page).run("all");
  assert.equal(code, 1);
  assert.match(
    err,
    /^There are no keys on the gateway https:.*\nhint: on that machine, add one with "cdx2 auth login"/,
  );
});

Deno.test("all says what to do right after a gateway was started, which knows no usage yet", async () => {
  const accounts = [{ file: "a.json", status: "OK" }, { file: "b.json", status: "OK" }];
  const page = () => Response.json({ ...aDebugView({}), ok: true, accounts });
  const { err } = await aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT }, page).run("all");
  assert.match(
    err,
    /from the answers to its requests: 2 keys had none yet\nhint: "cdx2 all" on the gateway asks/,
  );
});

Deno.test("all --json without keys is the answer and the failure in one", async () => {
  const { code, out } = await machine().run("all --json");
  const { ok, accounts, error } = JSON.parse(out);
  assert.deepEqual([code, ok, accounts, error.code], [1, false, [], "failed"]);
  assert.match(error.message, /^There are no usable keys in /);
});
