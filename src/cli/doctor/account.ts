/**
 * One key as `/health` tells it, read at the door: the running proxy may be of another version than this program, so
 * a field that is missing or new is no error.
 * @module
 */

import { ACCOUNT_LIMIT } from "../../auth/limits.ts";
import type { Fields, Json } from "../../values/json.ts";

export interface Account {
  /** As they came, for `--json`. */
  readonly fields: Fields;
  readonly file: string;
  readonly email: string | undefined;
  readonly plan: string | undefined;
  /** `whitelist`, `probation`, `cooldown` or `blacklist`. */
  readonly state: string;
  /** The code of what put the key there, or of the strike that it still has. */
  readonly cause: string | undefined;
  readonly evidence: EvidenceView | undefined;
  readonly untilMs: number | undefined;
  readonly nextTrialMs: number | undefined;
  readonly strikes: number;
  /** Trials that have succeeded in a row, and how many are wanted. */
  readonly successes: number;
  readonly wantedSuccesses: number;
  readonly used: number;
  readonly errors: number;
  readonly tokenExpiresMs: number | undefined;
  readonly windows: readonly UsageWindow[];
  /** For these models the key is not used; for all others it is. */
  readonly modelLimits: readonly ModelLimit[];
}

export interface EvidenceView {
  /** Absent when the verdict came from inside a stream. */
  readonly status: number | undefined;
  readonly code: string;
  readonly requestId: string;
  readonly atMs: number;
}

export interface ModelLimit {
  readonly model: string;
  readonly code: string;
  readonly untilMs: number;
}

export interface UsageWindow {
  /** Absent for the account's own limit, else the id of one that only some models have. */
  readonly limit: string | undefined;
  /** Absent when the upstream did not say. */
  readonly lengthMs: number | undefined;
  readonly usedPercent: number;
  readonly resetMs: number | undefined;
}

/** The states in the order in which they are shown. */
export const STATES = ["whitelist", "probation", "cooldown", "blacklist"] as const;

const STATE_OF_STATUS: Readonly<Record<string, string>> = { OK: "whitelist" };

export function readAccount(fields: Fields): Account {
  const status = textIn(fields, "status") ?? "";
  const evidence = readEvidence(fields["evidence"]);
  return {
    fields,
    file: textIn(fields, "file") ?? "",
    email: textIn(fields, "email"),
    plan: textIn(fields, "plan"),
    state: STATE_OF_STATUS[status] ?? status.toLowerCase(),
    cause: textIn(fields, "reason") ?? evidence?.code,
    evidence,
    untilMs: timeIn(fields, "until"),
    nextTrialMs: timeIn(fields, "next_trial_at"),
    strikes: numberIn(fields, "rate_limit_strikes") ?? 0,
    successes: numberIn(fields, "probation_successes") ?? 0,
    wantedSuccesses: numberIn(fields, "probation_target") ?? 0,
    used: numberIn(fields, "used") ?? 0,
    errors: numberIn(fields, "errors") ?? 0,
    tokenExpiresMs: timeIn(fields, "token_expires_at"),
    windows: readWindows(fields["usage"]),
    modelLimits: readModelLimits(fields["model_limits"]),
  };
}

function readEvidence(value: Json | undefined): EvidenceView | undefined {
  const evidence = fieldsOf(value);
  const atMs = timeIn(evidence, "at");
  if (atMs === undefined) return undefined;
  const [code = "", requestId = ""] = [textIn(evidence, "code"), textIn(evidence, "request_id")];
  return { status: numberIn(evidence, "status"), code, requestId, atMs };
}

function readWindows(usage: Json | undefined): readonly UsageWindow[] {
  return entriesOf(fieldsOf(usage)["windows"]).flatMap((window) => {
    const usedPercent = numberIn(window, "used_percent");
    if (usedPercent === undefined) return [];
    const lengthS = numberIn(window, "limit_window_seconds");
    const limit = textIn(window, "limit");
    return [{
      limit: limit === ACCOUNT_LIMIT ? undefined : limit,
      lengthMs: lengthS === undefined ? undefined : lengthS * 1000,
      usedPercent,
      resetMs: timeIn(window, "reset_at"),
    }];
  });
}

function readModelLimits(limits: Json | undefined): readonly ModelLimit[] {
  return entriesOf(limits).flatMap((limit) => {
    const [model, code, untilMs] = [textIn(limit, "model"), textIn(limit, "reason"), timeIn(limit, "until")];
    return model === undefined || untilMs === undefined ? [] : [{ model, code: code ?? "", untilMs }];
  });
}

function entriesOf(value: Json | undefined): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function fieldsOf(value: Json | undefined): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : {};
}

function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === "number" ? value : undefined;
}

/** ISO 8601, or epoch seconds as the upstream writes resets. */
function timeIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (typeof value === "number") return value * 1000;
  const ms = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
