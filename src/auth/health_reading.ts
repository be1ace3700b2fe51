/**
 * A health as it is read back: from the state file, or from another machine. No zod schema: the proxy would load zod for
 * it at each start.
 * @module
 */

import { isObject } from "../values/json.ts";
import type { KeyHealth, KeyState, ModelLimit } from "./key_state.ts";
import type { Evidence } from "./outcome.ts";

/** JSON leaves out what is undefined. */
type SavedEvidence = Omit<Evidence, "model"> & Partial<Pick<Evidence, "model">>;
type SavedHealth = Omit<KeyHealth, "evidence"> & { readonly evidence?: SavedEvidence | undefined };

/** Reads a health; `undefined` for what is none. A field of a later version is kept. */
export function readHealth(value: unknown): KeyHealth | undefined {
  if (!isHealth(value)) return undefined;
  const { evidence } = value;
  // A health and its evidence have all their fields.
  return { ...value, evidence: evidence && { ...evidence, model: evidence.model } };
}

function isHealth(value: unknown): value is SavedHealth {
  if (!isObject(value)) return false;
  const { state, strikes, hardFailures, lastStrikeMs, nextTrialMs, modelLimits, evidence } = value;
  return isState(state) && [strikes, hardFailures, lastStrikeMs, nextTrialMs].every(Number.isFinite) &&
    Array.isArray(modelLimits) && modelLimits.every(isModelLimit) &&
    (evidence === undefined || isEvidence(evidence));
}

function isState(value: unknown): value is KeyState {
  if (!isObject(value)) return false;
  switch (value["kind"]) {
    case "ok":
      return true;
    case "cooldown":
    case "blacklist":
      return isLimit(value);
    case "probation":
      return Number.isFinite(value["successes"]) && isText(value["cause"]);
    default:
      return false;
  }
}

function isModelLimit(value: unknown): value is ModelLimit {
  return isObject(value) && isText(value["model"]) && isLimit(value);
}

function isLimit({ untilMs, cause }: Readonly<Record<string, unknown>>): boolean {
  return Number.isFinite(untilMs) && isText(cause);
}

function isEvidence(value: unknown): value is SavedEvidence {
  if (!isObject(value)) return false;
  const { status, code, requestId, atMs, model } = value;
  return (status === null || Number.isFinite(status)) && isText(code) && isText(requestId) &&
    Number.isFinite(atMs) && (model === undefined || isText(model));
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
