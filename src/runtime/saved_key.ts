/**
 * One key of the state file. Only the proxy reads it, once, when it starts; the commands need the address of the service
 * and load no schema for it.
 * @module
 */

import * as z from "zod/mini";
import type { KeyHealth, KeyState } from "../auth/key_state.ts";
import type { Evidence } from "../auth/outcome.ts";

/** The health of a key, kept over a restart for as long as its token is the same. */
export interface SavedKey {
  /** The auth file. */
  readonly file: string;
  /** The fingerprint of the token that the health belongs to. */
  readonly tokenHash: string;
  /** The state of the key, its counters and its evidence. */
  readonly health: KeyHealth;
}

/** The key, with the names of its fields in camel case; `undefined` for an entry that cannot be read. */
export function readSavedKey(entry: unknown): SavedKey | undefined {
  schema ??= savedKeySchema();
  const { data } = schema.safeParse(entry);
  if (data === undefined) return undefined;
  const { file, tokenHash, health } = data;
  // JSON leaves out what is undefined; a health and its evidence have all their fields.
  const evidence = health.evidence && { ...health.evidence, model: health.evidence.model };
  return { file, tokenHash, health: { ...health, evidence } };
}

// Made when the first entry is read: most starts find none. Loose, so that a field of a later version is kept.
let schema: ReturnType<typeof savedKeySchema> | undefined;

function savedKeySchema() {
  const limit = { untilMs: z.number(), cause: z.string() };
  const state: z.ZodMiniType<KeyState> = z.discriminatedUnion("kind", [
    z.looseObject({ kind: z.literal("ok") }),
    z.looseObject({ kind: z.literal("cooldown"), ...limit }),
    z.looseObject({ kind: z.literal("blacklist"), ...limit }),
    z.looseObject({ kind: z.literal("probation"), successes: z.number(), cause: z.string() }),
  ]);
  const evidence: z.ZodMiniType<Omit<Evidence, "model"> & { model?: string | undefined }> = z.looseObject({
    status: z.nullable(z.number()),
    code: z.string(),
    requestId: z.string(),
    atMs: z.number(),
    model: z.optional(z.string()),
  });
  const health = z.looseObject({
    state,
    strikes: z.number(),
    hardFailures: z.number(),
    lastStrikeMs: z.number(),
    nextTrialMs: z.number(),
    modelLimits: z.array(z.looseObject({ model: z.string(), ...limit })),
    evidence: z.optional(evidence),
  });
  return z.looseObject({ file: z.string(), tokenHash: z.string(), health });
}
