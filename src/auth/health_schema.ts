/**
 * A health as it is read back: from the state file, or from another machine. Loaded only where there is one to read.
 * @module
 */

import * as z from "zod/mini";
import type { KeyHealth, KeyState } from "./key_state.ts";
import type { Evidence } from "./outcome.ts";
import { isMomentMs } from "../values/iso_time.ts";

/** Reads a health; `undefined` for what is none. */
export function readHealth(value: unknown): KeyHealth | undefined {
  schema ??= healthSchema();
  const { data } = schema.safeParse(value);
  if (data === undefined) return undefined;
  // JSON leaves out what is undefined; a health and its evidence have all their fields.
  return { ...data, evidence: data.evidence && { ...data.evidence, model: data.evidence.model } };
}

// Made when the first entry is read: most starts find none. Loose, so that a field of a later version is kept.
let schema: ReturnType<typeof healthSchema> | undefined;

function healthSchema() {
  const moment = z.number().check(z.refine(isMomentMs));
  const limit = { untilMs: moment, cause: z.string() };
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
    atMs: moment,
    model: z.optional(z.string()),
  });
  return z.looseObject({
    state,
    strikes: z.number(),
    hardFailures: z.number(),
    lastStrikeMs: moment,
    nextTrialMs: moment,
    modelLimits: z.array(z.looseObject({ model: z.string(), ...limit })),
    evidence: z.optional(evidence),
  });
}
