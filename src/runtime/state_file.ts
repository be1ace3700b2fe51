/**
 * The state file: the address of the service and every key's penalties. A file of another version or a damaged one is
 * unusable as a whole; the entry of a key that cannot be read (see saved_key.ts) is dropped alone.
 * @module
 */

import { camelCased, snakeCased } from "./field_names.ts";
import { isServiceRecord, type ServiceRecord } from "./process_record.ts";
import type { SavedKey } from "./saved_key.ts";
import { readVersion } from "./schema_version.ts";

/** What is written into the file. */
export interface SavedState {
  /** The service that writes it. */
  readonly service: ServiceRecord;
  /** The keys that have a penalty, a strike or evidence. */
  readonly keys: readonly SavedKey[];
}

/** What was found in the file. `keys` are entries for `readSavedKey()`. */
export type StateReading =
  | { readonly kind: "state"; readonly service: ServiceRecord; readonly keys: readonly unknown[] }
  /** `reason` continues the sentence "the state file cannot be used: ". */
  | { readonly kind: "unusable"; readonly reason: string };

const STATE_VERSION = 2;

/** The text of the file. */
export function writeState(state: SavedState): string {
  return JSON.stringify(snakeCased({ $schemaVersion: STATE_VERSION, ...state }), null, 2) + "\n";
}

/** Never throws. */
export function readState(text: string): StateReading {
  const reading = readVersion(text, STATE_VERSION);
  if (reading.kind === "unusable") return reading;
  const { service, keys } = camelCased(reading.value) as Record<string, unknown>;
  if (!isServiceRecord(service)) return { kind: "unusable", reason: "its service entry is incomplete" };
  if (!Array.isArray(keys)) return { kind: "unusable", reason: "its keys are not a list" };
  return { kind: "state", service, keys };
}
