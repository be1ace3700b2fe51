import assert from "node:assert/strict";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { UsageWriter } from "../../src/runtime/usage_writer.ts";
import { DatabaseError, openSystemDatabase } from "../../src/system/database.ts";
import { systemFiles } from "../../src/system/files.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { inFolder } from "../support/temp_folder.ts";
import { aBatch, anAttemptEntry } from "../support/usage.ts";

interface Room {
  readonly clock: FakeClock;
  readonly writer: UsageWriter;
  readonly logged: ProxyEvent[];
  readonly path: string;
  /** The next opens fail with this. */
  fault: DatabaseError | undefined;
  /** How often the file was opened for writing, and closed again. */
  readonly opens: { opened: number; closed: number };
  take(...ages: readonly number[]): void;
  count(): Promise<number | undefined>;
}

async function inRoom(act: (room: Room) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const clock = new FakeClock();
    const logged: ProxyEvent[] = [];
    const opens = { opened: 0, closed: 0 };
    const path = `${folder}/usage.sqlite`;
    const place = {
      files: systemFiles,
      path,
      openDatabase: async (...args: Parameters<typeof openSystemDatabase>) => {
        if (room.fault) throw room.fault;
        const database = await openSystemDatabase(...args);
        if (args[1].readOnly) return database;
        opens.opened++;
        return { ...database, close: () => (opens.closed++, database.close()) };
      },
    };
    const log = (event: ProxyEvent) => Promise.resolve(void logged.push(event));
    const writer = new UsageWriter({ place, clock, log });
    const room: Room = {
      clock,
      writer,
      logged,
      path,
      fault: undefined,
      opens,
      take: (...ages) =>
        writer.take(aBatch({ attempts: ages.map((age) => anAttemptEntry({ atMs: clock.nowMs() - age })) })),
      count: async () => (await writer.answer({ days: 1, by: "key" }))?.total.requests,
    };
    await act(room);
    await writer.close();
    assert.equal(clock.pendingTimers, 0);
    assert.equal(opens.closed, opens.opened);
  });
}

Deno.test("a question is answered with what has been taken until then", () =>
  inRoom(async ({ take, count }) => {
    assert.equal(await count(), 0);
    take(1, 2);
    take(3);
    assert.equal(await count(), 3);
  }));

Deno.test("what cannot be written is tried again, and reported once", () =>
  inRoom(async (room) => {
    room.fault = new DatabaseError("no_space", "database or disk is full");
    room.take(1);
    assert.equal(await room.count(), 0);
    await room.clock.advance(10_000);
    assert.equal(await room.count(), 0);
    room.take(2);
    assert.deepEqual(room.logged.map(({ event, message }) => [event, message]), [[
      "state.not_saved",
      "the usage history cannot be written, and is tried again: database or disk is full",
    ]]);
    room.fault = undefined;
    await room.clock.advance(10_000);
    assert.equal(await room.count(), 2);
  }));

Deno.test("while nothing can be written, the oldest attempts go, and their number is reported in the end", () =>
  inRoom(async (room) => {
    room.fault = new DatabaseError("busy", "database is locked");
    const many = Array.from({ length: 20_000 }, () => 1);
    for (let round = 0; round < 3; round++) room.take(...many);
    assert.equal(await room.count(), 0);
    room.fault = undefined;
    await room.clock.advance(10_000);
    assert.equal(await room.count(), 40_000);
    assert.equal(room.logged.at(-1)?.message, "20000 attempts could not be written into the usage history");
  }));

Deno.test("a damaged history is set aside and says so, and nothing of the batch is lost", () =>
  inRoom(async ({ path, take, count, logged }) => {
    await Deno.writeTextFile(path, "not a database ".repeat(300));
    take(1);
    assert.equal(await count(), 1);
    assert.deepEqual(logged.map(({ event }) => event), ["state.set_aside"]);
    assert.ok((await Deno.stat(`${path}.set-aside`)).isFile);
  }));

Deno.test("a history that is removed while the proxy runs begins again", () =>
  inRoom(async ({ path, take, count }) => {
    take(1);
    assert.equal(await count(), 1);
    await Deno.remove(path);
    take(1);
    assert.equal(await count(), 1);
  }));

Deno.test("the file stays open while batches come, and is closed after 10 s without one", () =>
  inRoom(async ({ take, count, clock, opens }) => {
    for (let batch = 1; batch <= 5; batch++) {
      take(1);
      assert.equal(await count(), batch);
      await clock.advance(9000);
    }
    // The first time it was not there yet, so that nobody knew which file it would be.
    assert.deepEqual(opens, { opened: 2, closed: 1 });
    await clock.advance(1000);
    assert.deepEqual(opens, { opened: 2, closed: 2 });
    take(1);
    assert.equal(await count(), 6);
    assert.deepEqual(opens, { opened: 3, closed: 2 });
  }));

/** What somebody does to an open history of two attempts; the next batch has one. */
const CHANGES: readonly [string, (path: string) => Promise<void>, number, readonly string[]][] = [
  ["removed", (path) => Deno.remove(path), 1, []],
  [
    "replaced by another one",
    async (path) => {
      await Deno.copyFile(path, `${path}.copy`);
      await Deno.rename(`${path}.copy`, path);
    },
    3,
    [],
  ],
  ["overwritten with garbage", (path) => Deno.writeTextFile(path, "not a database ".repeat(3000)), 1, [
    "state.set_aside",
  ]],
  ["emptied", (path) => Deno.truncate(path), 1, []],
];

for (const [what, act, left, events] of CHANGES) {
  Deno.test(`a history that is ${what} while it is open takes the next batch`, () =>
    inRoom(async ({ path, take, count, logged, opens }) => {
      for (const expected of [1, 2]) {
        take(1);
        assert.equal(await count(), expected);
      }
      const before = opens.opened - opens.closed;
      await act(path);
      take(1);
      assert.equal(await count(), left);
      assert.deepEqual([before, logged.map(({ event }) => event)], [1, events]);
    }));
}

Deno.test("a history that another program locks while it is open is tried again, and nothing is lost", () =>
  inRoom(async ({ path, take, count, clock, logged }) => {
    take(1);
    assert.equal(await count(), 1);
    const other = await openSystemDatabase(path, { readOnly: false, waitMs: 0 });
    other.exec("BEGIN IMMEDIATE");
    take(1);
    assert.equal(await count(), 1);
    assert.deepEqual(logged.map(({ event }) => event), ["state.not_saved"]);
    other.exec("ROLLBACK");
    other.close();
    await clock.advance(10_000);
    assert.equal(await count(), 2);
  }));

Deno.test("a window is written when it has changed, and every quarter of an hour", () =>
  inRoom(async ({ writer, clock, path }) => {
    const begin = clock.nowMs();
    const at = (minutes: number, usedPercent: number) =>
      writer.take(aBatch({
        windows: [{
          atMs: begin + minutes * 60_000,
          key: "a",
          windowSeconds: 18_000,
          usedPercent,
          resetAtMs: undefined,
        }],
      }));
    at(0, 10);
    at(1, 10);
    at(2, 11);
    at(16, 11);
    at(18, 11);
    await writer.close();
    const database = await openSystemDatabase(path, { readOnly: true, waitMs: 0 });
    const rows = database.rows("SELECT at FROM windows ORDER BY at");
    database.close();
    assert.deepEqual(rows.map((row) => (Number(row["at"]) - begin) / 60_000), [0, 2, 18]);
  }));
