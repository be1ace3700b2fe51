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
  take(...ages: readonly number[]): void;
  count(): Promise<number | undefined>;
}

async function inRoom(act: (room: Room) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const clock = new FakeClock();
    const logged: ProxyEvent[] = [];
    const path = `${folder}/usage.sqlite`;
    const place = {
      files: systemFiles,
      path,
      openDatabase: (...args: Parameters<typeof openSystemDatabase>) => {
        if (room.fault) throw room.fault;
        return openSystemDatabase(...args);
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
      take: (...ages) =>
        writer.take(aBatch({ attempts: ages.map((age) => anAttemptEntry({ atMs: clock.nowMs() - age })) })),
      count: async () => (await writer.answer({ days: 1, by: "key" }))?.total.requests,
    };
    await act(room);
    await writer.close();
    assert.equal(clock.pendingTimers, 0);
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
