import assert from "node:assert/strict";
import { type Database, DatabaseError, openSystemDatabase } from "../../src/system/database.ts";
import { inFolder } from "../support/temp_folder.ts";

async function inDatabase(act: (database: Database, path: string) => Promise<void> | void): Promise<void> {
  await inFolder(async (folder) => {
    const path = `${folder}/a.sqlite`;
    const database = await openSystemDatabase(path, { readOnly: false, waitMs: 0 });
    try {
      database.exec("CREATE TABLE a (x INTEGER)");
      await act(database, path);
    } finally {
      database.close();
    }
  });
}

function xs(database: Database): unknown[] {
  return database.rows("SELECT x FROM a ORDER BY x").map((row) => row["x"]);
}

Deno.test("what is done at once happens, or nothing of it", () =>
  inDatabase((database) => {
    database.atOnce(() => database.runEach("INSERT INTO a VALUES (?)", [[1], [2]]));
    assert.throws(() =>
      database.atOnce(() => {
        database.runEach("INSERT INTO a VALUES (?)", [[3]]);
        throw new Error("a fault");
      }), /a fault/);
    assert.deepEqual(xs(database), [1, 2]);
  }));

const FAULTS: readonly (readonly [string, (database: Database, path: string) => Promise<void>])[] = [
  ["busy", async (database, path) => {
    const other = await openSystemDatabase(path, { readOnly: false, waitMs: 0 });
    try {
      database.atOnce(() => other.exec("INSERT INTO a VALUES (1)"));
    } finally {
      other.close();
    }
  }],
  ["no_space", (database) => {
    database.exec("PRAGMA max_page_count = 2");
    const many = Array.from({ length: 10_000 }, (_, at) => [at]);
    return Promise.resolve(database.atOnce(() => database.runEach("INSERT INTO a VALUES (?)", many)));
  }],
  ["damaged", async (_database, path) => {
    await Deno.writeTextFile(`${path}.2`, "no database ".repeat(100));
    const other = await openSystemDatabase(`${path}.2`, { readOnly: true, waitMs: 0 });
    try {
      other.rows("SELECT * FROM a");
    } finally {
      other.close();
    }
  }],
  ["other", (database) => Promise.resolve(database.exec("SELECT nonsense"))],
  [
    "other",
    (_database, path) => openSystemDatabase(`${path}/nowhere`, { readOnly: true, waitMs: 0 }).then(() => {}),
  ],
];

for (const [at, [fault, act]] of FAULTS.entries()) {
  Deno.test(`a DatabaseError says that it is ${fault}, case ${at}`, () =>
    inDatabase(async (database, path) => {
      await assert.rejects(async () => await act(database, path), (error: unknown) => {
        assert.ok(error instanceof DatabaseError);
        assert.equal(error.fault, fault);
        return true;
      });
    }));
}
