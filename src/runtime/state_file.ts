/**
 * The state file: the address of the service and every key's penalties, as text and as values. A file of another
 * version or a damaged one is unusable as a whole; an entry of a key that cannot be read is dropped alone.
 * @module
 */

import * as z from "zod/mini";
import type { KeyHealth, KeyState } from "../auth/key_state.ts";
import type { Evidence } from "../auth/outcome.ts";
import { isObject, parseJson } from "../values/json.ts";
import { camelCased, snakeCased } from "./field_names.ts";
import { isServiceRecord, type ServiceRecord } from "./process_record.ts";

/** The health of a key, kept over a restart for as long as its token is the same. */
export interface SavedKey {
  readonly file: string;
  /** The fingerprint of the token that the health belongs to. */
  readonly tokenHash: string;
  readonly health: KeyHealth;
}

/** What the file holds. */
export interface SavedState {
  readonly service: ServiceRecord;
  readonly keys: readonly SavedKey[];
}

/** What was found in the file. */
export type StateReading =
  | { readonly kind: "state"; readonly state: SavedState }
  /** `reason` continues the sentence "the state file cannot be used: ". */
  | { readonly kind: "unusable"; readonly reason: string };

const STATE_VERSION = 2;

/** The text of the file. */
export function writeState(state: SavedState): string {
  return JSON.stringify(snakeCased({ $schemaVersion: STATE_VERSION, ...state }), null, 2) + "\n";
}

/** Never throws. A key whose entry is dropped starts without penalties. */
export function readState(text: string): StateReading {
  const json = parseJson(text);
  if (!isObject(json)) return { kind: "unusable", reason: "it is not a JSON object" };
  const version = json["$schema_version"];
  if (version !== STATE_VERSION) {
    return { kind: "unusable", reason: `it has version ${version ?? "none"}, not ${STATE_VERSION}` };
  }
  const { service, keys } = camelCased(json) as Record<string, unknown>;
  if (!isServiceRecord(service)) return { kind: "unusable", reason: "its service entry is incomplete" };
  if (!Array.isArray(keys)) return { kind: "unusable", reason: "its keys are not a list" };
  return { kind: "state", state: { service, keys: keys.flatMap(readKey) } };
}

function readKey(entry: unknown): readonly SavedKey[] {
  const { data } = savedKey.safeParse(entry);
  if (data === undefined) return [];
  const { file, tokenHash, health } = data;
  // JSON leaves out what is undefined; a health has all its fields.
  return [{ file, tokenHash, health: { ...health, evidence: health.evidence } }];
}

// Loose, so that a field of a later version is kept.
const keyState: z.ZodMiniType<KeyState> = z.discriminatedUnion("kind", [
  z.looseObject({ kind: z.literal("ok") }),
  z.looseObject({ kind: z.literal("cooldown"), untilMs: z.number(), cause: z.string() }),
  z.looseObject({ kind: z.literal("blacklist"), untilMs: z.number(), cause: z.string() }),
  z.looseObject({ kind: z.literal("probation"), successes: z.number(), cause: z.string() }),
]);

const evidence: z.ZodMiniType<Evidence> = z.looseObject({
  status: z.nullable(z.number()),
  code: z.string(),
  requestId: z.string(),
  atMs: z.number(),
  model: z.exactOptional(z.string()),
});

const savedKey = z.looseObject({
  file: z.string(),
  tokenHash: z.string(),
  health: z.looseObject({
    state: keyState,
    strikes: z.number(),
    hardFailures: z.number(),
    lastStrikeMs: z.number(),
    nextTrialMs: z.number(),
    modelLimits: z.array(z.looseObject({ model: z.string(), untilMs: z.number(), cause: z.string() })),
    evidence: z.optional(evidence),
  }),
});
