// The usual case gives the line; every other one gives nothing, and then the way of all commands is taken.

import assert from "node:assert/strict";
import { quickLine, type QuickWorld } from "../../../src/cli/all/quick_line.ts";
import { writeLineFile } from "../../../src/runtime/line_file.ts";
import { readHolder, type ServiceRecord, writeHolder } from "../../../src/runtime/process_record.ts";
import { AUTH_DIR, KEY, PATHS, SERVICE_PID, ServiceWorld, VERSION } from "../../support/service_world.ts";

const PAGE = JSON.stringify({ ok: true, accounts: [{ file: "a.json", status: "OK" }] });
const LINE = "5h ? · week ? · 1/1 key";
const ENV_FILE = `${AUTH_DIR}/.env`;

type Asked = Parameters<QuickWorld["get"]>[0];

interface Machine extends ServiceWorld {
  readonly asked: Asked[];
}

/** A machine with a proxy that listens at `host`. */
function machine(host = "127.0.0.1"): Machine {
  const world = Object.assign(new ServiceWorld(), { asked: [] });
  world.runService();
  world.files.put(ENV_FILE, `CLIPROXY_MANAGEMENT_KEY=${KEY}\nCLIPROXY_PORT=8317\n`);
  listensAt(world, host);
  return world;
}

function listensAt(
  world: ServiceWorld,
  host: string,
  identity: string | null = `run of ${SERVICE_PID}`,
): void {
  const startedAt = new Date(world.clock.nowMs()).toISOString();
  const record: ServiceRecord = {
    pid: SERVICE_PID,
    identity,
    startedAt,
    version: VERSION,
    host,
    port: 8317,
  };
  world.files.put(PATHS.lockFile, writeHolder(record));
}

async function lineOn(
  { asked, files, processes, clock }: Machine,
  { env = {}, page = PAGE, status = 200 }: {
    env?: Readonly<Record<string, string>>;
    page?: string | null;
    status?: number;
  } = {},
): Promise<string | undefined> {
  return await quickLine({
    env: { CLIPROXY_AUTH_DIR: AUTH_DIR, ...env },
    homeFolder: "/home/ann",
    cwd: "/",
    readText: (path) => files.text(path),
    processes,
    clock,
    get: (question) => {
      asked.push(question);
      return Promise.resolve(page === null ? undefined : { status, text: page });
    },
  });
}

Deno.test("quickLine() asks the process that holds the lock for its keys, once and with the management key", async () => {
  const world = machine();
  assert.equal(await lineOn(world), LINE);
  const [{ hostname, port, authority, path, headers }, ...more] = world.asked as [Asked];
  assert.deepEqual({ hostname, port, authority, path, headers }, {
    hostname: "127.0.0.1",
    port: 8317,
    authority: "127.0.0.1:8317",
    path: "/health",
    headers: { "x-management-key": KEY },
  });
  assert.equal(more.length, 0);
});

/** What the proxy has written for prompts, `ageMs` ago. */
function keepsLine(
  world: Machine,
  { ageMs = 0, startedAt }: { ageMs?: number; startedAt?: string } = {},
): void {
  const record = readHolder(world.files.text(PATHS.lockFile)!)!;
  const fromMs = world.clock.nowMs() - ageMs;
  const figures = { fiveHoursLeft: 60, weekLeft: 90, usable: 4, keys: 7 };
  const by = { ...record, ...(startedAt ? { startedAt } : {}) };
  world.files.put(PATHS.lineFile, writeLineFile({ by, fromMs, untilMs: fromMs + 60_000, figures }));
}

Deno.test("quickLine() asks nobody while what the proxy has written holds", async () => {
  const world = machine();
  keepsLine(world, { ageMs: 59_000 });
  assert.equal(await lineOn(world), "5h 60% · week 90% · 4/7 keys");
  assert.deepEqual(world.asked, []);
});

for (const kept of [{ ageMs: 60_000 }, { ageMs: -1 }, { startedAt: "2020-01-01T00:00:00.000Z" }]) {
  Deno.test(`quickLine() asks the proxy where its file does not hold: ${JSON.stringify(kept)}`, async () => {
    const world = machine();
    keepsLine(world, kept);
    assert.equal(await lineOn(world), LINE);
    assert.equal(world.asked.length, 1);
  });
}

Deno.test("quickLine() believes no file of a proxy that has ended", async () => {
  const world = machine();
  keepsLine(world);
  world.processes.end(SERVICE_PID);
  assert.equal(await lineOn(world), undefined);
});

Deno.test("quickLine() reaches a proxy on all addresses over loopback", async () => {
  const world = machine("::");
  assert.equal(await lineOn(world), LINE);
  assert.deepEqual([world.asked[0]?.hostname, world.asked[0]?.authority], ["::1", "[::1]:8317"]);
});

Deno.test("quickLine() takes the key from the environment where there is no .env", async () => {
  const world = machine();
  await world.files.remove(ENV_FILE);
  assert.equal(await lineOn(world, { env: { CLIPROXY_MANAGEMENT_KEY: "another-key" } }), LINE);
  assert.deepEqual(world.asked[0]?.headers, { "x-management-key": "another-key" });
});

Deno.test("quickLine() reads all settings where others are given", async () => {
  const world = machine();
  assert.equal(await lineOn(world, { env: { CLIPROXY_HOLD_SECONDS: "5" } }), LINE);
});

const NOBODY_ASKED: readonly [
  when: string,
  arrange: (world: Machine) => void,
  env?: Readonly<Record<string, string>>,
][] = [
  ["no proxy has run", ({ files }) => files.put(PATHS.lockFile, "")],
  ["the proxy has ended", ({ processes }) => processes.end(SERVICE_PID)],
  [
    "its pid belongs to another program",
    ({ processes }) => processes.run(SERVICE_PID, { identity: "a browser" }),
  ],
  ["the system does not tell whose pid it is", (world) => {
    listensAt(world, "127.0.0.1", null);
    world.processes.runUntold(SERVICE_PID);
  }],
  ["it has not said where it listens", (world) => world.signLock(SERVICE_PID)],
  ["there is no management key", ({ files }) => files.put(ENV_FILE, "")],
  ["a gateway is set", () => {}, { CLIPROXY_REMOTE: "https://gateway.example" }],
];

for (const [when, arrange, env = {}] of NOBODY_ASKED) {
  Deno.test(`quickLine() says nothing and asks nobody when ${when}`, async () => {
    const world = machine();
    arrange(world);
    assert.equal(await lineOn(world, { env }), undefined);
    assert.deepEqual(world.asked, []);
  });
}

for (
  const env of [{ CLIPROXY_PORT: "many" }, { CLIPROXY_HOLD_SECONDS: "long" }, { CLIPROXY_AUTH_DIR: "/other" }]
) {
  Deno.test(`quickLine() asks nobody with ${JSON.stringify(env)}`, async () => {
    const world = machine();
    await lineOn(world, { env }).catch(() => {});
    assert.deepEqual(world.asked, []);
  });
}

for (const page of [null, "", "{}", "<html>", '{"ok":true}']) {
  Deno.test(`quickLine() says nothing about the answer ${JSON.stringify(page)}`, async () => {
    assert.equal(await lineOn(machine(), { page }), undefined);
  });
}

Deno.test("quickLine() says nothing when it is refused", async () => {
  assert.equal(await lineOn(machine(), { status: 401 }), undefined);
});
