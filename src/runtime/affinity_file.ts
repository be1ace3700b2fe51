/**
 * The sessions file: which key each session and each id belongs to. It holds hashes, never the names of sessions or the
 * ids themselves, and is written often: so it is a list of short rows, in which the files of keys are numbers.
 * @module
 */

import * as z from "zod/mini";
import type { SavedAffinity } from "../auth/affinity.ts";
import { isNameHash } from "../auth/name_hash.ts";
import type { KeptReading } from "./kept_file.ts";
import { readVersion } from "./schema_version.ts";
import { isMomentMs } from "../values/iso_time.ts";

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
  schema ??= affinitySchema();
  const { data } = schema.safeParse(reading.value);
  if (data === undefined) return { kind: "unusable", reason: "its rows cannot be read" };
  const { files } = data;
  const sessions = data.sessions.flatMap(([session, fileNumber, previous, usedMs]) => {
    const file = files[fileNumber];
    const previousFile = previous === null ? undefined : files[previous];
    return file === undefined ? [] : [{ session, file, previousFile, usedMs }];
  });
  const ids = data.ids.flatMap(([id, fileNumber, usedMs]) => {
    const file = files[fileNumber];
    return file === undefined ? [] : [{ id, file, usedMs }];
  });
  return { kind: "read", value: { sessions, ids } };
}

// Made when a file is read: the first start finds none.
let schema: ReturnType<typeof affinitySchema> | undefined;

function affinitySchema() {
  const hash = z.string().check(z.refine(isNameHash));
  const number = z.int().check(z.nonnegative());
  const moment = z.number().check(z.refine(isMomentMs));
  return z.looseObject({
    files: z.array(z.string()),
    sessions: z.array(z.tuple([hash, number, z.nullable(number), moment])),
    ids: z.array(z.tuple([hash, number, moment])),
  });
}
