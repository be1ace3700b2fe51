/**
 * From facts to what `cdx2 doctor` says. The JSON and the text are two forms of one diagnosis.
 * @module
 */

import { POLICY_SETTINGS } from "../../config/policy.ts";
import { describeSettings, type ResolvedSettings } from "../../config/settings.ts";
import type { AuthFile } from "../../api/auth_files.ts";
import type { Received } from "../../api/received.ts";
import type { Settings as ShownSettings } from "../../api/setting.ts";
import { type Account, causeCode, groupOf, OUT_OF_SERVICE, stateOf, STATES } from "../../api/account.ts";
import { causeOf } from "../../observability/causes.ts";
import type { RenewalStanding } from "../../credentials/renewal_standing.ts";
import { renewalView } from "../../api/renewals.ts";
import { runChecks } from "./checks.ts";
import type { Facts, Service } from "./facts.ts";
import type { Check, Doctor, ExaminedAccount } from "./page.ts";
import { clearedBy, fixFor } from "./standing.ts";

/** How many keys are in each group, which are the states and {@link OUT_OF_SERVICE}; a newer proxy may have further states. */
export type GroupCounts = Readonly<
  Record<typeof STATES[number] | typeof OUT_OF_SERVICE[number], number> & Record<string, number>
>;

/** What `doctor` found out. */
export interface Diagnosis {
  /** The proxy runs and has a key for a request. */
  readonly isOk: boolean;
  readonly nowMs: number;
  readonly service: Service;
  readonly counts: GroupCounts;
  /** When the proxy could not be asked, as its next start would find them. */
  readonly accounts: readonly Account[];
  /** Who renews them, by their files; one that is not in it is shown without. */
  readonly renewals: ReadonlyMap<string, RenewalStanding>;
  readonly rejected: readonly AuthFile[];
  /** The settings that rotation follows, each with its value and where that came from. */
  readonly policy: Received<ShownSettings>;
  readonly checks: readonly Check[];
}

/** What the facts mean. */
export function diagnose(facts: Facts): Diagnosis {
  const { service, disk, nowMs, resolved } = facts;
  return {
    ...ofService(service, { nowMs, resolved, filesHere: disk.kind === "read" ? disk.files : [] }),
    isOk: service.kind === "running" && service.isUsable && service.debug.status === "running",
    renewals: new Map(facts.renewals.map((standing) => [standing.file, standing])),
    checks: runChecks(facts),
  };
}

/** The part of a diagnosis that is about the keys and the policy: of the service, or of this machine when it cannot be asked. */
export function ofService(
  service: Service,
  { nowMs, resolved, filesHere }: {
    readonly nowMs: number;
    readonly resolved: ResolvedSettings;
    readonly filesHere: readonly AuthFile[];
  },
): Omit<Diagnosis, "isOk" | "renewals" | "checks"> {
  const { accounts } = service;
  const isRunning = service.kind === "running";
  const files = isRunning ? service.files : filesHere;
  return {
    nowMs,
    service,
    counts: countsOf(accounts, nowMs),
    accounts,
    rejected: files.filter(({ usable, disabled }) => !usable && !disabled),
    policy: policyOf(isRunning ? service.debug.settings : describeSettings(resolved)),
  };
}

function countsOf(accounts: readonly Account[], nowMs: number): GroupCounts {
  const counts: Record<string, number> = {};
  for (const account of accounts) {
    const group = groupOf(account, nowMs);
    counts[group] = (counts[group] ?? 0) + 1;
  }
  return { whitelist: 0, probation: 0, cooldown: 0, blacklist: 0, expired: 0, disabled: 0, ...counts };
}

function policyOf(settings: Received<ShownSettings>): Received<ShownSettings> {
  return Object.fromEntries(
    Object.values(POLICY_SETTINGS).flatMap(({ name }) => {
      const setting = settings[name];
      return setting === undefined ? [] : [[name, setting]];
    }),
  );
}

/** The answer of `doctor --json`. What only a newer proxy knows is passed on as it is. */
export function diagnosisJson(diagnosis: Diagnosis): Received<Doctor> {
  const { isOk, service, counts, accounts, rejected, policy, checks } = diagnosis;
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
    accounts: accounts.map((account) => accountJson(account, diagnosis)),
    rejected_files: rejected.map(({ file, reason }) => ({ file, reason })),
    checks: checks.map((check) => ({ ...check })),
  };
}

function accountJson(account: Account, { nowMs, renewals }: Diagnosis) {
  const renewal = renewals.get(account.file);
  const { evidence } = account;
  const code = causeCode(account);
  return {
    ...account,
    evidence: evidence && { ...evidence, age_seconds: ageSeconds(evidence.at, nowMs) },
    state: stateOf(account),
    cause: code === undefined ? null : causeOf(code).says,
    cleared_by: clearedBy(account) ?? null,
    mend: fixFor(account, { nowMs, renewals }) ?? null,
    renewal: renewal === undefined ? null : renewalView(renewal),
  } satisfies Received<ExaminedAccount>;
}

function ageSeconds(time: string, nowMs: number): number {
  return Math.max(0, Math.round((nowMs - Date.parse(time)) / 1000));
}
