/**
 * SQLite databases, as a port. The module is loaded with the first database: that takes some 20 ms, which no start of a
 * command or of the proxy should wait for. Everything here blocks its thread, so nothing that serves requests may call it.
 * @module
 */

import type { DatabaseSync } from "node:sqlite";

/** A value in a row. */
export type Cell = string | number | null;

/** A row, by the names of its columns. */
export type DatabaseRow = Readonly<Record<string, Cell>>;

/** An open database. Everything throws {@link DatabaseError}. */
export interface Database {
  /** Carries out statements without values. */
  exec(sql: string): void;
  /** All rows that a query finds. */
  rows(sql: string, ...values: readonly Cell[]): readonly DatabaseRow[];
  /** Carries out one statement for each list of values. */
  runEach(sql: string, lists: readonly (readonly Cell[])[]): void;
  /** All that `act` does happens, or nothing. */
  atOnce(act: () => void): void;
  /** Closes the file. */
  close(): void;
}

/** How a database is opened. */
export interface OpenDatabaseOptions {
  /** It is never written, nor made when it is missing. */
  readonly readOnly: boolean;
  /** How long this thread may wait while another process writes. */
  readonly waitMs: number;
}

/** Opens the database at a path. @throws {@link DatabaseError} */
export type OpenDatabase = (path: string, options: OpenDatabaseOptions) => Promise<Database>;

/** Why it failed, as far as callers distinguish it. `damaged`: what is there is not a database, or no longer one. */
export type DatabaseFault = "damaged" | "busy" | "no_space" | "other";

/** What SQLite said, in its own words. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  constructor(readonly fault: DatabaseFault, message: string) {
    super(message);
  }
}

// Neither version of Deno gives the code of every error.
const FAULTS: readonly (readonly [RegExp, DatabaseFault])[] = [
  [/not a database|malformed|corrupt/i, "damaged"],
  [/is locked|busy/i, "busy"],
  [/is full|disk I\/O/i, "no_space"],
];

/** Opens a database in the file system. */
export const openSystemDatabase: OpenDatabase = async (path, { readOnly, waitMs }) => {
  const { DatabaseSync } = await import("node:sqlite");
  return wrapped(checked(() => new DatabaseSync(path, { readOnly, timeout: waitMs })));
};

function wrapped(base: DatabaseSync): Database {
  return {
    exec: (sql) => checked(() => base.exec(sql)),
    // Not one by one: iterate() takes an error for the end.
    rows: (sql, ...values) => checked(() => base.prepare(sql).all(...values)) as DatabaseRow[],
    runEach: (sql, lists) =>
      checked(() => {
        if (lists.length === 0) return;
        const statement = base.prepare(sql);
        for (const values of lists) statement.run(...values);
      }),
    atOnce: (act) =>
      checked(() => {
        base.exec("BEGIN IMMEDIATE");
        try {
          act();
          base.exec("COMMIT");
        } catch (error) {
          rollBack(base);
          throw error;
        }
      }),
    close: () => checked(() => base.close()),
  };
}

// After some errors, such as a full disk, SQLite has rolled back by itself.
function rollBack(base: DatabaseSync): void {
  try {
    base.exec("ROLLBACK");
  } catch {
    // There is nothing to roll back.
  }
}

function checked<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new DatabaseError(FAULTS.find(([pattern]) => pattern.test(message))?.[1] ?? "other", message);
  }
}
