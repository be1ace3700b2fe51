import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";

const SECOND = 1000;

/** A live view of a proxy with one key; what it shows, and how it ends. */
function aLiveView() {
  const world = new CliWorld();
  const { clock, processes } = world.machine;
  world.runService();
  world.env = { ...world.env, NO_COLOR: "1" };
  world.answers.set("GET /health", { ok: true, accounts: [{ file: "work.json", status: "OK" }] });
  world.terminal.outIsTerminal = world.terminal.inIsTerminal = true;
  const ended = world.run("trace --interval 1");
  const { screen } = world;
  /** What is on the screen when this much time has passed. */
  const after = async (ms: number) => {
    await clock.advance(ms);
    return screen.lines.map((line) => line.trimEnd());
  };
  return { world, screen, processes, clock, after, ended };
}

function aRow(id: number) {
  return {
    id,
    ts: 1_800_000_000 + id,
    request_id: `req_${id}`,
    route: "request",
    status: 200,
    outcome: "ok",
  };
}

Deno.test("the live view shows attempts and keys as they come", async () => {
  const { world, after } = aLiveView();
  assert.match((await after(0))[0]!, /live {2}keys: 1 ok$/);
  world.events = [aRow(1)];
  assert.match((await after(SECOND))[3]!, /^>. ..:..:.. 200 /);
  world.answers.set("GET /health", { ok: false, accounts: [{ file: "work.json", status: "COOLDOWN" }] });
  assert.match((await after(2 * SECOND))[0]!, /keys: 1 cooldown$/);
});

Deno.test("the live view obeys keys", async () => {
  const { world, screen, after } = aLiveView();
  world.events = [aRow(1), aRow(2)];
  await after(SECOND);
  screen.press("\x1b[B\r");
  assert.equal((await after(0))[2], "request req_1");
});

Deno.test("the live view writes nothing while nothing changes", async () => {
  const { screen, after } = aLiveView();
  await after(5 * SECOND);
  const before = screen.writes;
  await after(60 * SECOND);
  assert.equal(screen.writes, before);
});

Deno.test("the live view waits for a lost proxy, and shows what a new one does beside what the old one did", async () => {
  const { world, after } = aLiveView();
  world.events = [aRow(1)];
  await after(SECOND);
  world.events = "unreachable";
  assert.match((await after(SECOND))[0]!, /reconnecting… 0s \(connection refused\) {2}keys: 1 ok$/);
  assert.match((await after(3 * SECOND))[0]!, /reconnecting… 3s/);
  world.runService({ started_at: "2027-01-15T09:00:00.000Z", port: 9000 });
  world.events = [];
  assert.match((await after(SECOND))[0]!, /live/);
  world.events = [aRow(1)];
  const lines = await after(2 * SECOND);
  assert.deepEqual(lines.slice(3, 6).map((line) => line.includes(" 200 ")), [true, true, false]);
});

Deno.test("the live view notices that a proxy hangs", async () => {
  const { world, after } = aLiveView();
  await after(0);
  world.isHanging = true;
  assert.match((await after(8 * SECOND))[0]!, /reconnecting… 0s \(no answer within 7s\)/);
});

Deno.test("the live view fits itself to the screen at once, and where nobody tells it within a second", async () => {
  const { screen, after } = aLiveView();
  await after(0);
  screen.resize({ columns: 50, rows: 10 });
  assert.equal((await after(0)).findLastIndex((line) => line !== ""), 9);
  screen.size = { columns: 50, rows: 12 };
  assert.equal((await after(SECOND)).findLastIndex((line) => line !== ""), 11);
});

const ENDS: readonly [what: string, end: (view: ReturnType<typeof aLiveView>) => void, code: number][] = [
  ["q", ({ screen }) => screen.press("q"), 0],
  ["Ctrl-C", ({ screen }) => screen.press("\x03"), 130],
  ["SIGTERM", ({ processes }) => processes.receive("SIGTERM"), 143],
  ["a terminal that is gone", ({ screen }) => screen.hangUp(), 0],
];

for (const [what, end, code] of ENDS) {
  Deno.test(`the live view ends by ${what} and gives the screen back`, async () => {
    const view = aLiveView();
    await view.after(0);
    end(view);
    assert.deepEqual([(await view.ended).code, view.screen.isOpen], [code, false]);
    const { writes } = view.screen;
    await view.after(10 * SECOND);
    assert.equal(view.screen.writes, writes);
  });
}

Deno.test("the live view gives the screen back before a fault is reported", async () => {
  const { world, screen, after, ended } = aLiveView();
  await after(0);
  screen.write = () => {
    throw new TypeError("a fault");
  };
  world.events = [aRow(1)];
  await after(SECOND);
  const { code, err } = await ended;
  assert.deepEqual([code, screen.isOpen], [1, false]);
  assert.match(err, /^Unexpected TypeError: a fault\n/);
});
