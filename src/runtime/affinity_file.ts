/**
 * The sessions file: which key each session and each id belongs to. It holds hashes, never the names of sessions or the
 * ids themselves, and is written often: so it is a list of short rows, in which the files of keys are numbers.
 * @module
 */

import type { SavedAffinity } from "../auth/affinity.ts";
import { isNameHash } from "../auth/name_hash.ts";
import type { JsonObject } from "../values/json.ts";
import type { KeptReading } from "./kept_file.ts";
import { readVersion } from "./schema_version.ts";

const VERSION = 1;

/** The text of the file. */
export function writeAffinity({ sessions, ids }: SavedAffinity): string {
  const numbers = new Map<string, number>();
  const numberOf = (file: string) => {
    const number = numbers.get(file) ?? numbers.size;
    numbers.set(file, number);
    return number;
  };
  const rows = {
    sessions: sessions.map(({ session, file, previousFile, usedMs }) => {
      const previous = previousFile === undefined ? null : numberOf(previousFile);
      return [session, numberOf(file), previous, usedMs];
    }),
    ids: ids.map(({ id, file, usedMs }) => [id, numberOf(file), usedMs]),
  };
  return JSON.stringify({ $schema_version: VERSION, ...rows, files: [...numbers.keys()] }) + "\n";
}

/** Never throws. A row about a file that is not listed is dropped alone. */
export function readAffinity(text: string): KeptReading<SavedAffinity> {
  const reading = readVersion(text, VERSION);
  if (reading.kind === "unusable") return reading;
  const { value } = reading;
  if (!areRows(value)) return { kind: "unusable", reason: "its rows cannot be read" };
  const { files } = value;
  const sessions = value.sessions.flatMap(([session, fileNumber, previous, usedMs]) => {
    const file = files[fileNumber];
    const previousFile = previous === null ? undefined : files[previous];
    return file === undefined ? [] : [{ session, file, previousFile, usedMs }];
  });
  const ids = value.ids.flatMap(([id, fileNumber, usedMs]) => {
    const file = files[fileNumber];
    return file === undefined ? [] : [{ id, file, usedMs }];
  });
  return { kind: "read", value: { sessions, ids } };
}

interface Rows {
  readonly files: readonly string[];
  readonly sessions:
    readonly (readonly [session: string, file: number, previous: number | null, usedMs: number])[];
  readonly ids: readonly (readonly [id: string, file: number, usedMs: number])[];
}

// No zod schema: the proxy would load zod for it at each start.
function areRows(value: JsonObject): value is JsonObject & Rows {
  const { files, sessions, ids } = value;
  return isListOf(files, (file) => typeof file === "string") &&
    isListOf(sessions, (row) => {
      if (!Array.isArray(row) || row.length !== 4) return false;
      const [session, file, previous, usedMs] = row;
      return isHash(session) && isNumberOfFile(file) && (previous === null || isNumberOfFile(previous)) &&
        Number.isFinite(usedMs);
    }) &&
    isListOf(ids, (row) => {
      if (!Array.isArray(row) || row.length !== 3) return false;
      const [id, file, usedMs] = row;
      return isHash(id) && isNumberOfFile(file) && Number.isFinite(usedMs);
    });
}

function isListOf(value: unknown, isOne: (entry: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && isNameHash(value);
}

function isNumberOfFile(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
