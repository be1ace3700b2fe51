import assert from "node:assert/strict";
import { type Eviction, OwnFiles } from "../../src/runtime/own_files.ts";
import { readHolder, writeHolder } from "../../src/runtime/process_record.ts";
import { writeState } from "../../src/runtime/state_file.ts";
import type { FileLock } from "../../src/system/files.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";
import { AUTH_DIR, PATHS, VERSION } from "../support/service_world.ts";

const PID = 4000;
const OWN = { pid: PID, identity: "run of 4000", startedAt: "2027-01-15T08:00:00.000Z", version: VERSION };

function stateOf(pid: number): string {
  return writeState({ service: { ...OWN, pid, host: "127.0.0.1", port: 8317 }, keys: [] });
}

/** A service with all of its files, which are being watched. */
class World {
  readonly files: MemoryFiles;
  readonly clock = new FakeClock();
  readonly own: OwnFiles;
  /** What was reported, and what others were asked to do. */
  readonly events: string[] = [];
  readonly isOver = new AbortController();
  eviction: Eviction | undefined;
  watching: Promise<void> = Promise.resolve();

  private constructor(files: MemoryFiles, readonly lock: FileLock) {
    this.files = files;
    this.own = new OwnFiles({ files, clock: this.clock, authDir: AUTH_DIR, paths: PATHS, own: OWN }, lock);
  }

  /** It does not listen yet. */
  static async locked(): Promise<World> {
    const files = new MemoryFiles({ [PATHS.stateFile]: stateOf(PID) });
    const lock = await files.tryLock(PATHS.lockFile, writeHolder(OWN));
    const world = new World(files, lock!);
    await world.own.writePid();
    return world;
  }

  /** It listens. */
  static async watched(): Promise<World> {
    const world = await World.locked();
    await world.own.tellAddress("127.0.0.1", 8317);
    world.watch();
    return world;
  }

  watch(): void {
    this.watching = this.own.watch({
      saveState: () => void this.events.push("save the state"),
      keepSettings: () => Promise.resolve(void this.events.push("keep the settings")),
      report: (what) => Promise.resolve(void this.events.push(what)),
    }, this.isOver.signal).then((eviction) => void (this.eviction = eviction));
  }

  remakeFolder(): void {
    this.files.delete(AUTH_DIR);
    this.files.put(`${AUTH_DIR}/work.json`, "{}");
  }
}

/** `[what, how it is lost, what follows]` */
const LOSSES: readonly [string, (world: World) => void, readonly string[]][] = [
  ["nothing", () => {}, []],
  ["the lock file", ({ files }) => files.delete(PATHS.lockFile), ["keep the settings", "the lock file"]],
  ["the text of the lock file", ({ files }) => files.put(PATHS.lockFile, ""), ["the text of the lock file"]],
  ["its name in the lock file", ({ files }) => files.put(PATHS.lockFile, writeHolder({ ...OWN, pid: 77 })), [
    "the text of the lock file",
  ]],
  ["the lock file to a copy", ({ files }) => {
    files.delete(PATHS.lockFile);
    files.put(PATHS.lockFile, writeHolder(OWN));
  }, ["keep the settings", "the lock file"]],
  ["the pid file", ({ files }) => files.delete(PATHS.pidFile), ["the pid file"]],
  ["the text of the pid file", ({ files }) => files.put(PATHS.pidFile, "77\n"), ["the pid file"]],
  ["the state file", ({ files }) => files.delete(PATHS.stateFile), ["save the state"]],
  ["the text of the state file", ({ files }) => files.put(PATHS.stateFile, ""), ["save the state"]],
  ["the state file to another service", ({ files }) => files.put(PATHS.stateFile, stateOf(77)), [
    "save the state",
  ]],
  ["the whole folder, made again", (world) => world.remakeFolder(), [
    "keep the settings",
    "the lock file",
    "the pid file",
    "save the state",
  ]],
];

for (const [what, lose, events] of LOSSES) {
  Deno.test(`OwnFiles writes it again when the service loses ${what}`, async () => {
    const world = await World.watched();
    const { files } = world;
    lose(world);
    await world.clock.advance(1_500);
    assert.deepEqual([world.events, world.eviction], [events, undefined]);
    assert.equal(readHolder(files.text(PATHS.lockFile) ?? "")?.pid, PID);
    assert.equal(files.text(PATHS.pidFile), `${PID}\n`);
    assert.equal(await files.tryLock(PATHS.lockFile, ""), undefined, "the lock is held");
    world.isOver.abort();
    await world.watching;
  });
}

Deno.test("OwnFiles says in the lock file where the service listens, also when it was lost", async () => {
  const world = await World.watched();
  const says = () => JSON.parse(world.files.text(PATHS.lockFile) ?? "{}");
  assert.deepEqual([says().pid, says().host, says().port], [PID, "127.0.0.1", 8317]);
  world.remakeFolder();
  await world.clock.advance(1_500);
  assert.deepEqual([says().pid, says().host, says().port], [PID, "127.0.0.1", 8317]);
  world.isOver.abort();
  await world.watching;
});

Deno.test("OwnFiles does not take a text that it is writing for a lost one", async () => {
  const world = await World.locked();
  const { files, lock } = world;
  const written: string[] = [];
  const disk = Promise.withResolvers<void>();
  const write = lock.write;
  lock.write = async (note) => {
    written.push(note);
    await disk.promise;
    await write(note);
  };
  world.watch();
  await world.clock.advance(500);
  const telling = world.own.tellAddress("127.0.0.1", 8317);
  await world.clock.advance(1_000);
  disk.resolve();
  await telling;
  await world.clock.advance(2_000);
  assert.deepEqual([world.events, written], [[], [files.text(PATHS.lockFile)]]);
  world.isOver.abort();
  await world.watching;
});

Deno.test("OwnFiles gives way to another process that has the lock", async () => {
  const world = await World.watched();
  world.files.delete(PATHS.lockFile);
  await world.files.tryLock(PATHS.lockFile, "another");
  world.files.put(PATHS.pidFile, "77\n");
  await world.clock.advance(1_500);
  assert.deepEqual(world.eviction, { reason: "another proxy serves this auth dir now", isTaken: true });
  assert.deepEqual([PATHS.lockFile, PATHS.pidFile].map((path) => world.files.text(path)), [
    "another",
    "77\n",
  ]);
});

Deno.test("OwnFiles gives up when the folder stays away, and not before ten seconds", async () => {
  const world = await World.watched();
  world.files.delete(AUTH_DIR);
  await world.clock.advance(10_000);
  assert.equal(world.eviction, undefined);
  await world.clock.advance(1_500);
  assert.deepEqual(world.eviction, { reason: `the auth dir ${AUTH_DIR} was removed`, isTaken: false });
});

Deno.test("OwnFiles counts the time without a folder from the start after it was there", async () => {
  const world = await World.watched();
  for (let count = 0; count < 4; count++) {
    world.files.delete(AUTH_DIR);
    await world.clock.advance(6_000);
    world.remakeFolder();
    await world.clock.advance(2_000);
  }
  assert.equal(world.eviction, undefined);
  world.isOver.abort();
  await world.watching;
});

Deno.test("OwnFiles goes on while the folder cannot be read or written", async () => {
  for (const code of ["other", "denied", "no_space", "no_descriptors"] as const) {
    const world = await World.watched();
    world.files.failAt(AUTH_DIR, code);
    world.files.delete(PATHS.lockFile);
    await world.clock.advance(60_000);
    assert.equal(world.eviction, undefined, code);
    world.files.healAt(AUTH_DIR);
    await world.clock.advance(1_500);
    assert.equal(readHolder(world.files.text(PATHS.lockFile) ?? "")?.pid, PID, code);
    world.isOver.abort();
    await world.watching;
  }
});
