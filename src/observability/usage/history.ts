/**
 * The usage history: one SQLite file in the auth dir, written by the main thread of the proxy and read by commands. What
 * cannot be read as a history is set aside, and a new one begins.
 * @module
 */

import { MAX_USAGE_DAYS } from "../../api/usage.ts";
import { SET_ASIDE } from "../../config/paths.ts";
import {
  type Cell,
  type Database,
  DatabaseError,
  type DatabaseRow,
  type OpenDatabase,
} from "../../system/database.ts";
import type { Files } from "../../system/files.ts";
import type { AttemptEntry, ChangeEntry, UsageBatch, WindowEntry } from "./entries.ts";
import { CREATE_TABLES, FROM_VERSION_1, PRAGMAS, SCHEMA_VERSION, type Table, TABLES } from "./schema.ts";

/** Where a history is. */
export interface HistoryPlace {
  /** Makes the file private, and sets it aside. */
  readonly files: Files;
  /** Opens the file. */
  readonly openDatabase: OpenDatabase;
  /** The file. */
  readonly path: string;
}

/** How long entries are kept. */
export const KEPT_MS = MAX_USAGE_DAYS * 86_400_000;

// A batch is written in a few milliseconds.
const READER_WAIT_MS = 2_000;

// Some 100 MB. Reached only by a pool with more than ten thousand requests a day.
const MAX_ATTEMPTS = 1_000_000;

/** A history that is open for writing. */
export class UsageHistory implements Disposable {
  readonly #database: Database;

  /** Of a database that has the tables; see {@link UsageHistory.open}. */
  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Opens the file, and makes it when it is missing. `onSetAside` is called with the reason when what was there cannot be
   * used. @throws {@link DatabaseError} @throws FileError
   */
  static async open(place: HistoryPlace, onSetAside: (reason: string) => void): Promise<UsageHistory> {
    try {
      return await openNow(place);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.fault !== "damaged") throw error;
      const { files, path } = place;
      await files.rename(path, path + SET_ASIDE);
      // A journal of the damaged file would be applied to the new one.
      await files.remove(`${path}-journal`);
      onSetAside(error.message);
      return await openNow(place);
    }
  }

  /** Writes a batch, wholly or not at all. @throws {@link DatabaseError} */
  write({ attempts, windows, changes }: UsageBatch): void {
    const database = this.#database;
    database.atOnce(() => {
      database.runEach(`INSERT INTO attempts VALUES (${marks(14)})`, attempts.map(attemptCells));
      database.runEach(`INSERT INTO windows VALUES (${marks(5)})`, windows.map(windowCells));
      database.runEach(`INSERT INTO changes VALUES (${marks(4)})`, changes.map(changeCells));
    });
  }

  /** Removes what is older than {@link KEPT_MS}, and the oldest attempts of too many. @throws {@link DatabaseError} */
  prune(nowMs: number): void {
    const database = this.#database;
    database.atOnce(() => {
      for (const table of TABLES) database.runEach(`DELETE FROM ${table} WHERE at < ?`, [[nowMs - KEPT_MS]]);
      database.exec(
        `DELETE FROM attempts WHERE at < (SELECT at FROM attempts ORDER BY at DESC LIMIT 1 OFFSET ${MAX_ATTEMPTS})`,
      );
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#database.close();
  }
}

async function openNow({ files, openDatabase, path }: HistoryPlace): Promise<UsageHistory> {
  // SQLite would make it readable for everyone.
  await files.createEmpty(path);
  const database = await openDatabase(path, { readOnly: false, waitMs: 0 });
  try {
    database.exec(PRAGMAS);
    const version = versionOf(database);
    if (version === 0) database.atOnce(() => database.exec(CREATE_TABLES));
    else if (version === 1) database.atOnce(() => database.exec(FROM_VERSION_1));
    else if (version !== SCHEMA_VERSION) throw otherVersion(version);
    return new UsageHistory(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

/** What {@link readHistory} looks for. */
export interface HistoryQuery {
  /** From this moment on, epoch milliseconds. */
  readonly fromMs: number;
  /** The same for windows; by default `fromMs`. */
  readonly windowsFromMs?: number;
  /** Up to this one. */
  readonly toMs: number;
}

/** What a history says of a time, in its order. Each is read when it is iterated, while the file is open. */
export interface HistoryReading {
  readonly attempts: Iterable<AttemptEntry>;
  readonly windows: Iterable<WindowEntry>;
  readonly changes: Iterable<ChangeEntry>;
}

/** What is read where there is no history. */
export const NOTHING_READ: HistoryReading = { attempts: [], windows: [], changes: [] };

/**
 * Reads what a history says of a time and hands it to `use`; `undefined` when there is none yet. @throws
 * {@link DatabaseError} for one that is damaged, or of another version
 */
export async function readHistory<T>(
  { files, openDatabase, path }: HistoryPlace,
  { fromMs, windowsFromMs = fromMs, toMs }: HistoryQuery,
  use: (reading: HistoryReading) => T,
): Promise<T | undefined> {
  if ((await files.info(path) ?? { sizeBytes: 0 }).sizeBytes === 0) return undefined;
  // What a writer has begun and not ended can only be undone by one who may write.
  const readOnly = await files.info(`${path}-journal`) === undefined;
  const database = await openDatabase(path, { readOnly, waitMs: READER_WAIT_MS });
  try {
    const version = versionOf(database);
    if (version === 0) return undefined;
    // Version 1 lacks a column, which then reads as empty.
    if (version > SCHEMA_VERSION) throw otherVersion(version);
    return use({
      attempts: rowsWithin(database, "attempts", { fromMs, toMs }).map(attemptOf),
      windows: rowsWithin(database, "windows", { fromMs: windowsFromMs, toMs }).map(windowOf),
      changes: rowsWithin(database, "changes", { fromMs, toMs }).map(changeOf),
    });
  } finally {
    database.close();
  }
}

// Three months of a large pool are too much to be in memory at once.
const PAGE_ROWS = 5_000;

/** The rows of a time in its order, read page by page. */
function* rowsWithin(
  database: Database,
  table: Table,
  { fromMs, toMs }: HistoryQuery,
): Generator<DatabaseRow> {
  const sql =
    `SELECT rowid, * FROM ${table} WHERE (at, rowid) > (?, ?) AND at <= ? ORDER BY at, rowid LIMIT ?`;
  for (let after: readonly Cell[] = [fromMs, -1];;) {
    const page = database.rows(sql, ...after, toMs, PAGE_ROWS);
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE_ROWS) return;
    after = [last["at"]!, last["rowid"]!];
  }
}

function versionOf(database: Database): number {
  const [row] = database.rows("PRAGMA user_version");
  return Number(row?.["user_version"] ?? 0);
}

function otherVersion(version: number): DatabaseError {
  return new DatabaseError(
    "damaged",
    `it is of version ${version}, and this program reads ${SCHEMA_VERSION}`,
  );
}

function marks(count: number): string {
  return Array(count).fill("?").join(", ");
}

function attemptCells(entry: AttemptEntry): readonly Cell[] {
  const { atMs, key, model, session, attempt, isAnswer, outcome, client } = entry;
  const { input, cached, output, firstTokenMs, latencyMs, waitedMs } = entry;
  const told = [input, cached, output, firstTokenMs].map((figure) => figure ?? null);
  return [
    atMs,
    key,
    model,
    session,
    attempt,
    isAnswer ? 1 : 0,
    outcome,
    ...told,
    latencyMs,
    waitedMs,
    client,
  ];
}

function windowCells(
  { atMs, key, windowSeconds, usedPercent, resetAtMs }: WindowEntry,
): readonly Cell[] {
  return [atMs, key, windowSeconds, usedPercent, resetAtMs ?? null];
}

function changeCells({ atMs, key, state, cause }: ChangeEntry): readonly Cell[] {
  return [atMs, key, state, cause];
}

function attemptOf(row: DatabaseRow): AttemptEntry {
  return {
    atMs: numberIn(row, "at"),
    key: textIn(row, "key"),
    model: textIn(row, "model"),
    session: textIn(row, "session"),
    client: textIn(row, "client"),
    attempt: numberIn(row, "attempt"),
    isAnswer: row["is_answer"] === 1,
    outcome: textIn(row, "outcome"),
    input: knownIn(row, "input"),
    cached: knownIn(row, "cached"),
    output: knownIn(row, "output"),
    firstTokenMs: knownIn(row, "first_token_ms"),
    latencyMs: numberIn(row, "latency_ms"),
    waitedMs: numberIn(row, "waited_ms"),
  };
}

function windowOf(row: DatabaseRow): WindowEntry {
  return {
    atMs: numberIn(row, "at"),
    key: textIn(row, "key"),
    windowSeconds: numberIn(row, "window_seconds"),
    usedPercent: numberIn(row, "used_percent"),
    resetAtMs: knownIn(row, "reset_at"),
  };
}

function changeOf(row: DatabaseRow): ChangeEntry {
  return {
    atMs: numberIn(row, "at"),
    key: textIn(row, "key"),
    state: textIn(row, "state"),
    cause: textIn(row, "cause"),
  };
}

function textIn(row: DatabaseRow, name: string): string {
  return String(row[name] ?? "");
}

function numberIn(row: DatabaseRow, name: string): number {
  return Number(row[name] ?? 0);
}

function knownIn(row: DatabaseRow, name: string): number | undefined {
  const cell = row[name] ?? null;
  return cell === null ? undefined : Number(cell);
}
