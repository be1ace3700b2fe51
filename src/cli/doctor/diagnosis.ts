/**
 * From facts to what `cdx2 doctor` answers. The JSON and the text are two renderings of one diagnosis.
 * @module
 */

import { describeSettings } from "../../config/settings.ts";
import { SETTINGS, type Settings } from "../../config/settings_table.ts";
import type { Fields, Json } from "../../values/json.ts";
import { type Account, STATES } from "./account.ts";
import { causeOf } from "./causes.ts";
import { type Check, runChecks } from "./checks.ts";
import type { AuthFile } from "./drift.ts";
import type { Facts, Service } from "./facts.ts";
import { clearedBy, mendOf } from "./standing.ts";

export interface Diagnosis {
  /** The proxy runs and has a key for a request. */
  readonly isOk: boolean;
  readonly nowMs: number;
  readonly service: Service;
  /** How many keys are in each state. */
  readonly counts: Readonly<Record<string, number>>;
  /** Empty when the proxy could not be asked. */
  readonly accounts: readonly Account[];
  readonly rejected: readonly AuthFile[];
  /** The settings that rotation follows, each with its value and where that came from. */
  readonly policy: Fields;
  readonly checks: readonly Check[];
}

const POLICY: readonly (keyof Settings)[] = [
  "rotation",
  "holdMs",
  "cooldownBaseMs",
  "cooldownMaxMs",
  "strikesToEject",
  "ejectionBaseMs",
  "ejectionMaxMs",
  "trialIntervalMs",
  "trialSuccesses",
  "minRemainingPercent",
  "maxEjectedPercent",
];

export function diagnose(facts: Facts): Diagnosis {
  const { service, disk, nowMs } = facts;
  const isRunning = service.kind === "running";
  const accounts = isRunning ? service.accounts : [];
  const files = isRunning ? service.files : disk.kind === "read" ? disk.files : [];
  return {
    isOk: isRunning && service.isUsable && service.debug.status === "running",
    nowMs,
    service,
    counts: countsOf(accounts),
    accounts,
    rejected: files.filter(({ usable }) => !usable),
    policy: policyOf(isRunning ? service.debug.settings : describeSettings(facts.resolved)),
    checks: runChecks(facts),
  };
}

function countsOf(accounts: readonly Account[]): Record<string, number> {
  const counts: Record<string, number> = Object.fromEntries(STATES.map((state) => [state, 0]));
  for (const { state } of accounts) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function policyOf(settings: Fields): Fields {
  const names = POLICY.map((key) => SETTINGS[key].name);
  return Object.fromEntries(names.flatMap((name) => {
    const setting = settings[name];
    return setting === undefined ? [] : [[name, setting]];
  }));
}

/** The answer of `doctor --json`. */
export function diagnosisJson(diagnosis: Diagnosis): Json {
  const { isOk, nowMs, service, counts, accounts, rejected, policy, checks } = diagnosis;
  const isRunning = service.kind === "running";
  return {
    ok: isOk,
    running: isRunning,
    reason: isRunning ? null : service.reason,
    base_url: isRunning ? service.debug.base_url : null,
    pid: isRunning ? service.debug.pid : null,
    version: isRunning ? service.debug.version : null,
    policy,
    summary: { ...counts, total: accounts.length },
    accounts: accounts.map((account) => accountJson(account, nowMs)),
    rejected_files: rejected.map(({ file, reason }) => ({ file, reason })),
    checks: checks.map((check) => ({ ...check })),
  };
}

function accountJson(account: Account, nowMs: number): Fields {
  const { fields, state, cause, evidence } = account;
  const age = evidence ? { age_seconds: Math.max(0, Math.round((nowMs - evidence.atMs) / 1000)) } : {};
  return {
    ...fields,
    ...(evidence ? { evidence: { ...fields["evidence"] as Fields, ...age } } : {}),
    state,
    cause: cause === undefined ? null : causeOf(cause).says,
    cleared_by: clearedBy(account) ?? null,
    mend: mendOf(account, nowMs) ?? null,
  };
}
