import assert from "node:assert/strict";
import type { UsageBatch } from "../../../src/observability/usage/entries.ts";
import { KEPT_MS, readHistory, UsageHistory } from "../../../src/observability/usage/history.ts";
import { openSystemDatabase } from "../../../src/system/database.ts";
import { systemFiles } from "../../../src/system/files.ts";
import { inFolder } from "../../support/temp_folder.ts";
import { aBatch, anAttemptEntry, aRefusedEntry } from "../../support/usage.ts";

const NOW = Date.UTC(2026, 10, 26, 12);

interface Room {
  readonly path: string;
  readonly aside: string[];
  write(batch: Partial<UsageBatch>): Promise<void>;
  prune(): Promise<void>;
  read(fromMs?: number, toMs?: number): Promise<UsageBatch | undefined>;
}

async function inRoom(act: (room: Room) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const path = `${folder}/usage.sqlite`;
    const place = { files: systemFiles, openDatabase: openSystemDatabase, path };
    const aside: string[] = [];
    const change = async (what: (history: UsageHistory) => void) => {
      using history = await UsageHistory.open(place, (reason) => aside.push(reason));
      what(history);
    };
    await act({
      path,
      aside,
      write: (batch) => change((history) => history.write(aBatch(batch))),
      prune: () => change((history) => history.prune(NOW)),
      read: (fromMs = 0, toMs = Infinity) =>
        readHistory(place, { fromMs, toMs: Math.min(toMs, NOW * 2) }, ({ attempts, windows, changes }) => ({
          attempts: [...attempts],
          windows: [...windows],
          changes: [...changes],
        })),
    });
  });
}

const SILENT = aRefusedEntry({ atMs: NOW + 1 });
const WINDOW = { atMs: NOW, key: "a.json", windowSeconds: 18_000, usedPercent: 12.5, resetAtMs: NOW + 1000 };
const CHANGE = { atMs: NOW, key: "a.json", state: "cooldown", cause: "usage_limit_reached" };

Deno.test("a history gives back what was written, in the order of time", () =>
  inRoom(async ({ write, read, path }) => {
    assert.equal(await read(), undefined, "there is none yet");
    await write({ attempts: [SILENT, anAttemptEntry({ atMs: NOW })] });
    await write({ windows: [WINDOW, { ...WINDOW, resetAtMs: undefined }], changes: [CHANGE] });
    assert.deepEqual(await read(), {
      attempts: [anAttemptEntry({ atMs: NOW }), SILENT],
      windows: [WINDOW, { ...WINDOW, resetAtMs: undefined }],
      changes: [CHANGE],
    });
    assert.deepEqual((await read(NOW + 1))?.attempts, [SILENT]);
    assert.deepEqual((await read(0, NOW))?.attempts.length, 1);
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  }));

Deno.test("what is older than 90 days is removed", () =>
  inRoom(async ({ write, prune, read }) => {
    const old = NOW - KEPT_MS - 1;
    await write({
      attempts: [anAttemptEntry({ atMs: old }), anAttemptEntry({ atMs: NOW - KEPT_MS })],
      windows: [{ ...WINDOW, atMs: old }],
      changes: [{ ...CHANGE, atMs: old }],
    });
    await prune();
    const left = await read();
    assert.deepEqual([left?.attempts.length, left?.windows.length, left?.changes.length], [1, 0, 0]);
  }));

const UNUSABLE: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  ["no database", (path) => Deno.writeTextFileSync(path, "no database ".repeat(400)), /not a database/],
  ["a damaged database", (path) => {
    const bytes = Deno.readFileSync(path);
    Deno.writeFileSync(path, bytes.fill(0xff, 100));
  }, /malformed|corrupt/],
  ["of a later version", (path) => {
    const bytes = Deno.readFileSync(path);
    bytes[63] = 9; // The user version (https://www.sqlite.org/fileformat.html#the_database_header).
    Deno.writeFileSync(path, bytes);
  }, /version 9/],
];

for (const [what, spoil, reason] of UNUSABLE) {
  Deno.test(`a file that is ${what} is set aside, and a new history begins`, () =>
    inRoom(async ({ write, read, path, aside }) => {
      await write({ attempts: [anAttemptEntry()] });
      spoil(path);
      await assert.rejects(read(), reason);
      await write({ attempts: [anAttemptEntry(), anAttemptEntry()] });
      assert.equal((await read())?.attempts.length, 2);
      assert.equal(aside.length, 1);
      assert.match(aside[0]!, reason);
      assert.ok(Deno.statSync(`${path}.set-aside`).isFile);
    }));
}

Deno.test("a history of version 1 is read without clients, and goes on with them", () =>
  inRoom(async ({ write, read, path, aside }) => {
    await write({ attempts: [anAttemptEntry()] });
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(path);
    database.exec("ALTER TABLE attempts DROP COLUMN client; PRAGMA user_version = 1");
    database.close();
    assert.deepEqual((await read())?.attempts.map(({ client }) => client), [""]);
    await write({ attempts: [anAttemptEntry({ client: "ann" })] });
    assert.deepEqual((await read())?.attempts.map(({ client }) => client), ["", "ann"]);
    assert.deepEqual(aside, []);
  }));

Deno.test("an empty file, as a cut off start leaves it, counts as none", () =>
  inRoom(async ({ write, read, path }) => {
    Deno.writeTextFileSync(path, "");
    assert.equal(await read(), undefined);
    await write({ attempts: [anAttemptEntry()] });
    assert.equal((await read())?.attempts.length, 1);
  }));

Deno.test("a batch is written wholly or not at all", () =>
  inRoom(async ({ write, read }) => {
    await write({ changes: [CHANGE] });
    const broken = { ...anAttemptEntry(), latencyMs: null as unknown as number };
    await assert.rejects(write({ attempts: [anAttemptEntry(), broken] }), /NOT NULL/);
    assert.deepEqual((await read())?.attempts, []);
  }));

Deno.test("a history of many pages is read to its end, each attempt once", () =>
  inRoom(async ({ write, read }) => {
    const attempts = Array.from(
      { length: 12_000 },
      (_, at) => anAttemptEntry({ atMs: NOW + Math.floor(at / 7) }),
    );
    await write({ attempts });
    const found = (await read())?.attempts ?? [];
    assert.equal(found.length, attempts.length);
    assert.equal(found.at(-1)?.atMs, attempts.at(-1)?.atMs);
  }));
