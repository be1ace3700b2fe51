import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { attemptFields } from "../../support/events.ts";

Deno.test("trace prints one line per attempt", async () => {
  const world = new CliWorld();
  world.runService();
  world.events = [{ id: 1, ts: 1_800_000_000, ...attemptFields({ request_id: "req_a" }) }];
  const { code, out, err } = await world.run("trace");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^\S+ +req_a +#\d+ .*\n$/);
});

Deno.test("trace --json prints the rows as they are, one per line", async () => {
  const world = new CliWorld();
  world.runService();
  const rows = [{ id: 1, status: 200 }, { id: 2, status: null, of_a_newer_version: [1] }];
  world.events = rows.map((row) => ({ ts: 1_800_000_000, ...attemptFields(), ...row }));
  const expected = world.events.map((row) => `${JSON.stringify(row)}\n`).join("");
  assert.equal((await world.run("trace --json")).out, expected);
});

const RUNNING = {
  request_id: "req_b",
  attempt: 1,
  state: "streaming",
  began_at: "2027-01-15T08:00:00.000Z",
  method: "POST",
  path: "/v1/responses",
  route: "request",
  auth_file: "work.json",
};
const REFUSED = {
  ts: 1_800_000_001,
  request_id: "req_r",
  method: "POST",
  path: "/x",
  status: 503,
  type: "no_usable_keys",
};
const ENDED = [1, 2].map((id) => ({
  id,
  ts: 1_799_999_999 + id,
  ...attemptFields({ request_id: `req_${id}` }),
}));

/** `[the command line, what is there, the requests that it prints]` */
const ELSEWHERE: readonly [line: string, more: Partial<CliWorld["more"]>, shown: string[]][] = [
  ["trace", { running: [RUNNING] }, ["req_1", "req_2", "req_b"]],
  ["trace --limit 1", { running: [RUNNING] }, ["req_2", "req_b"]],
  ["trace", { running: [{ ...RUNNING, route: "other" }] }, ["req_1", "req_2"]],
  ["trace --all", { running: [{ ...RUNNING, route: "other" }] }, ["req_1", "req_2", "req_b"]],
  ["trace --json", { running: [RUNNING], refused: [REFUSED] }, ["req_1", "req_2", "req_b"]],
  ["trace", { refused: [REFUSED], running: [RUNNING] }, ["req_1", "req_2", "req_r", "req_b"]],
  ["trace", { refused: [{ ...REFUSED, request_id: "req_2" }] }, ["req_1", "req_2"]],
  ["trace", { refused: [{ ...REFUSED, ts: 1_799_999_000 }] }, ["req_1", "req_2"]],
];

for (const [line, more, shown] of ELSEWHERE) {
  Deno.test(`${line} prints ${shown.join(", ")} where ${JSON.stringify(Object.keys(more))} are too`, async () => {
    const world = new CliWorld();
    world.runService();
    world.events = ENDED;
    world.more = more;
    const { out } = await world.run(line);
    assert.deepEqual([...out.matchAll(/req_\w+/g)].map(([id]) => id), shown);
  });
}

Deno.test("trace without requests says so on stderr", async () => {
  const world = new CliWorld();
  world.runService();
  assert.deepEqual(await world.run("trace"), { code: 0, out: "", err: "no requests yet\n" });
});

Deno.test("trace without a proxy fails and says how to start one", async () => {
  const { code, err } = await new CliWorld().run("trace");
  assert.equal(code, 1);
  assert.match(err, /not running\nhint: start it with "cdx2 proxy"\n$/);
});

Deno.test("trace --follow prints new attempts, waits for a lost proxy, and starts over with a new one", async () => {
  const world = new CliWorld();
  const { clock } = world.machine;
  world.runService();
  world.events = [{ id: 7, request_id: "req_old" }];
  // It goes on for ever.
  void world.run("trace --follow --json --interval 5");
  await clock.advance(0);
  world.events = [...world.events, { id: 8, request_id: "req_8" }];
  await clock.advance(5_000);
  world.events = "unreachable";
  await clock.advance(15_000);
  world.runService({ started_at: "2027-01-15T09:00:00.000Z" });
  world.events = [{ id: 1, request_id: "req_new" }];
  await clock.advance(10_000);
  const { outText, errText } = world.terminal;
  const shown = outText.trim().split("\n").map((line) => JSON.parse(line).request_id);
  assert.deepEqual(shown, ["req_old", "req_8", "req_new"]);
  assert.equal(errText, "lost the proxy: connection refused; waiting for it\n");
});

const ON_A_TERMINAL: readonly [line: string, env: Record<string, string>, isLive: boolean][] = [
  ["trace", {}, true],
  ["trace --follow", {}, true],
  ["trace", { NO_COLOR: "1" }, true],
  ["trace", { TERM: "dumb" }, false],
  ["trace --plain", {}, false],
  ["trace --json", {}, false],
];

for (const [line, env, isLive] of ON_A_TERMINAL) {
  Deno.test(`${line} on a terminal ${JSON.stringify(env)} is ${isLive ? "live" : "lines"}`, async () => {
    const world = new CliWorld();
    world.runService();
    world.answers.set("GET /health", { ok: true, accounts: [] });
    world.terminal.outIsTerminal = world.terminal.inIsTerminal = true;
    world.env = { ...world.env, ...env };
    world.screen.press("q");
    const { code, err } = await world.run(line);
    assert.deepEqual([code, err === ""], [0, isLive]);
    assert.equal(world.screen.writes > 0, isLive);
  });
}

Deno.test("trace is not live when it could not read key presses", async () => {
  const world = new CliWorld();
  world.runService();
  world.terminal.outIsTerminal = true;
  assert.equal((await world.run("trace")).err, "no requests yet\n");
});

Deno.test("trace on a terminal without a proxy fails before it takes the screen", async () => {
  const world = new CliWorld();
  world.terminal.outIsTerminal = world.terminal.inIsTerminal = true;
  assert.equal((await world.run("trace")).code, 1);
  assert.equal(world.screen.writes, 0);
});
