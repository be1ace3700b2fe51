/**
 * The tables of the usage history. The version is SQLite's own `user_version`; a file of a later version is set aside, as
 * a damaged one.
 * @module
 */

/** The version that this program writes. */
export const SCHEMA_VERSION = 2;

/** Makes the tables of {@link SCHEMA_VERSION}. Times are epoch milliseconds; NULL is what was not told. */
export const CREATE_TABLES = `
CREATE TABLE attempts (
  at INTEGER NOT NULL,
  key TEXT NOT NULL,
  model TEXT NOT NULL,
  session TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  is_answer INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  input INTEGER,
  cached INTEGER,
  output INTEGER,
  first_token_ms REAL,
  latency_ms REAL NOT NULL,
  waited_ms REAL NOT NULL,
  client TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX attempts_at ON attempts (at);
CREATE TABLE windows (
  at INTEGER NOT NULL,
  key TEXT NOT NULL,
  window_seconds INTEGER NOT NULL,
  used_percent REAL NOT NULL,
  reset_at INTEGER
) STRICT;
CREATE INDEX windows_at ON windows (at);
CREATE TABLE changes (
  at INTEGER NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  cause TEXT NOT NULL
) STRICT;
CREATE INDEX changes_at ON changes (at);
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Makes the tables of version 1 those of {@link SCHEMA_VERSION}. A reader of that version finds no client in them. */
export const FROM_VERSION_1 = `
ALTER TABLE attempts ADD COLUMN client TEXT NOT NULL DEFAULT '';
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** The tables with times in a column `at`. */
export const TABLES = ["attempts", "windows", "changes"] as const;
/** One of them. */
export type Table = typeof TABLES[number];

/** For each connection: a journal that also works on a network's file system, safe against a killed process. */
export const PRAGMAS =
  "PRAGMA journal_mode = DELETE; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF;";
