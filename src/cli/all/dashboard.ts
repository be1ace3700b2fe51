/**
 * What `cdx2 all` answers: the status of each key, their order, and a summary of the pool. Pure. The value is printed by
 * `--json` as it is, and the cards are drawn from it. Terms as in the Python predecessor: the status of the pool is the
 * worst status of its keys, and what is left is a mean over all windows.
 * @module
 */

import { type AuthRecord, isExpired } from "../../auth/record.ts";
import { isSameAccount } from "../../auth/same_account.ts";
import type { RenewalStanding } from "../../credentials/renewal_standing.ts";
import { creditsView } from "../../api/credits.ts";
import { areUsable } from "../../auth/credits.ts";
import {
  FIVE_HOURS_S,
  permitsRequests,
  type Usage,
  type UsageAnswer,
  type UsageWindow,
  WEEK_S,
} from "../../auth/usage.ts";
import { isoOf } from "../../values/iso_time.ts";
import { renewalView } from "../../api/renewals.ts";
import type { WindowEntry } from "../../observability/usage/entries.ts";
import { forecastOf } from "./forecast.ts";
import type { AccountView, DashboardView, Thresholds, UsageStatus, WindowView } from "./page.ts";
import { highest, lowest } from "../../values/extremes.ts";

/** The windows of a key. */
export type Windows = Pick<AccountView, "five_hour" | "weekly" | "other_windows">;

/** A key and what the upstream answered about its usage. */
export interface AskedKey {
  readonly record: AuthRecord;
  readonly answer: UsageAnswer;
  /** Its file holds a login without a refresh token. */
  readonly isBorrowed: boolean;
  /** Who renews it; `undefined` when that cannot be read. */
  readonly renewal: RenewalStanding | undefined;
}

/** What else the answer depends on. */
export interface DashboardOptions {
  readonly thresholds: Thresholds;
  /** The key that the running proxy used last; `undefined` when none runs or it has used none. */
  readonly lastUsedFile?: string | undefined;
  /** Codex's own login; `undefined` when it has none in a file. */
  readonly login?: AuthRecord | undefined;
  /** How full windows were within the last week; absent when there is no usage history. */
  readonly readings?: readonly WindowEntry[];
  readonly nowMs: number;
}

/** Judges the answers of all keys. */
export function dashboardView(keys: readonly AskedKey[], options: DashboardOptions): DashboardView {
  const { thresholds, nowMs } = options;
  const sorted = keys.map((key) => accountView(key, thresholds, nowMs))
    .sort((a, b) => compareAccounts(a, b, thresholds));
  const current = currentFile(sorted, keys.map(({ record }) => record), options);
  const accounts = sorted.map((account) => ({ ...account, current: account.file === current }));
  return {
    ok: keys.some(({ answer }) => answer.kind === "usage"),
    aggregate: aggregateOf(accounts),
    availability: availabilityOf(accounts, thresholds),
    accounts: [
      ...accounts.filter((account) => account.current),
      ...accounts.filter(({ current }) => !current),
    ],
    forecast: forecastOf(keys, options.readings ?? [], nowMs),
    thresholds,
    retrieved_at: isoOf(nowMs),
  };
}

/** The windows that `only` selects, in the order in which they are shown. */
export function windowsOf({ five_hour, weekly, other_windows }: Windows): readonly WindowView[] {
  return [five_hour, weekly, ...other_windows].filter((window) => window !== null);
}

function accountView(
  { record, answer, isBorrowed, renewal }: AskedKey,
  thresholds: Thresholds,
  nowMs: number,
): AccountView {
  const usage = answer.kind === "usage" ? answer.usage : undefined;
  const windows = windowViews(usage, thresholds, nowMs);
  const expired = isExpired({ record }, nowMs);
  return {
    file: record.file,
    email: record.email ?? usage?.email ?? null,
    status: statusOf(usage, windows, expired),
    disabled: record.isDisabled,
    expired,
    borrowed: isBorrowed,
    token_expires_at: isoOf(record.expiresAtMs),
    renewal: renewal === undefined ? null : renewalView(renewal),
    plan_type: usage?.planType ?? record.plan ?? null,
    current: false,
    ...windows,
    limit_reached: usage?.allowed === false,
    credits: usage?.credits ? creditsView(usage.credits, areUsable(usage.credits)) : null,
    error: answer.kind === "failed" ? answer.reason : null,
  };
}

// An account that goes on with its credits has not to be waited for, whatever its windows say; and a key is never all
// well once its token has expired.
function statusOf(usage: Usage | undefined, windows: Windows, isExpired: boolean): UsageStatus {
  if (usage && !permitsRequests(usage)) return "COOLDOWN";
  const status = worst(windowsOf(windows));
  if (status === "COOLDOWN" && areUsable(usage?.credits)) return "WARN";
  return status === "OK" && isExpired ? "WARN" : status;
}

function windowViews(usage: Usage | undefined, thresholds: Thresholds, nowMs: number): Windows {
  const { only } = thresholds;
  const view = (window: UsageWindow | undefined) => windowView(window, usage, thresholds, nowMs);
  const ofLength = (seconds: number) => usage?.windows.find(({ windowSeconds }) => windowSeconds === seconds);
  const others = usage?.windows.filter(({ windowSeconds }) =>
    windowSeconds !== FIVE_HOURS_S && windowSeconds !== WEEK_S
  );
  return {
    five_hour: only === "weekly" ? null : view(ofLength(FIVE_HOURS_S)),
    weekly: only === "5h" ? null : view(ofLength(WEEK_S)),
    other_windows: only === "both"
      ? (others ?? []).map((window) => ({ window_seconds: window.windowSeconds, ...view(window) }))
      : [],
  };
}

// The upstream says that a limit is reached, but not in which window, so none of them counts as usable.
function windowView(
  window: UsageWindow | undefined,
  usage: Usage | undefined,
  { warn_at, cooldown_at }: Thresholds,
  nowMs: number,
): WindowView {
  const used = window?.usedPercent;
  const resetAtMs = window?.resetAtMs;
  const status = (): UsageStatus => {
    if (usage && !permitsRequests(usage)) return "COOLDOWN";
    if (used === undefined) return "UNKNOWN";
    return used >= cooldown_at ? "COOLDOWN" : used >= warn_at ? "WARN" : "OK";
  };
  return {
    status: status(),
    used_percent: used ?? null,
    reset_after_seconds: resetAtMs === undefined ? null : Math.ceil((resetAtMs - nowMs) / 1000),
  };
}

function worst(judged: readonly { readonly status: UsageStatus }[]): UsageStatus {
  const severity: readonly UsageStatus[] = ["COOLDOWN", "WARN", "OK"];
  return severity.find((status) => judged.some((entry) => entry.status === status)) ?? "UNKNOWN";
}

// Below all that can be used or will be.
const OUT_OF_SERVICE_RANK = 3;
const RANKS: Readonly<Record<UsageStatus, number>> = { OK: 0, WARN: 0, COOLDOWN: 1, UNKNOWN: 2 };

// The difference of two infinities is NaN, which is falsy: the next comparison decides.
function compareAccounts(a: AccountView, b: AccountView, thresholds: Thresholds): number {
  const waitOf = (account: AccountView) => secondsUntilUsable(account, thresholds) ?? Infinity;
  return rankOf(a) - rankOf(b) ||
    mostUsed(a) - mostUsed(b) ||
    waitOf(a) - waitOf(b) ||
    (a.file < b.file ? -1 : 1);
}

function rankOf({ status, disabled, expired }: AccountView): number {
  return status === "UNKNOWN" && (disabled || expired) ? OUT_OF_SERVICE_RANK : RANKS[status];
}

/** Percent used in the fullest window; Infinity when no window is known. */
function mostUsed(account: AccountView): number {
  const known = usedPercents([account]);
  return known.length === 0 ? Infinity : highest(known);
}

/** Until all used-up windows of a key have reset; `null` when there is none or a reset time is unknown. */
function secondsUntilUsable(account: AccountView, { cooldown_at }: Thresholds): number | null {
  const full = windowsOf(account).filter(({ used_percent }) => (used_percent ?? 0) >= cooldown_at);
  const waits = full.map((window) => window.reset_after_seconds).filter((seconds) => seconds !== null);
  return full.length === 0 || waits.length < full.length ? null : highest(waits);
}

function currentFile(
  sorted: readonly AccountView[],
  records: readonly AuthRecord[],
  { lastUsedFile, login }: DashboardOptions,
): string | undefined {
  const has = (file: string | undefined) => sorted.some((account) => account.file === file);
  if (has(lastUsedFile)) return lastUsedFile;
  const heldByCodex = records.filter((record) => login && isSameAccount(record, login)).map(({ file }) =>
    file
  );
  return (sorted.find(({ file }) => heldByCodex.includes(file)) ?? sorted[0])?.file;
}

function aggregateOf(accounts: readonly AccountView[]): DashboardView["aggregate"] {
  const used = usedPercents(accounts);
  const resets = accounts.flatMap(windowsOf).map((window) => window.reset_after_seconds)
    .filter((seconds) => seconds !== null);
  const count = (wanted: UsageStatus) => accounts.filter(({ status }) => status === wanted).length;
  return {
    status: worst(accounts),
    counts: { ok: count("OK"), warn: count("WARN"), cooldown: count("COOLDOWN"), unknown: count("UNKNOWN") },
    global_exhaustion: used.length === 0 ? null : used.reduce((sum, percent) => sum + percent) / used.length,
    max_used: used.length === 0 ? null : highest(used),
    min_reset_seconds: resets.length === 0 ? null : lowest(resets),
    total: accounts.length,
  };
}

function availabilityOf(
  accounts: readonly AccountView[],
  thresholds: Thresholds,
): DashboardView["availability"] {
  const cooling = accounts.filter(({ status }) => status === "COOLDOWN")
    .map((account) => ({ file: account.file, seconds: secondsUntilUsable(account, thresholds) }))
    .filter((entry): entry is { file: string; seconds: number } => entry.seconds !== null)
    .sort((a, b) => a.seconds - b.seconds);
  const countRank = (rank: number) => accounts.filter(({ status }) => RANKS[status] === rank).length;
  return {
    available_now: countRank(RANKS.OK),
    cooldown_now: countRank(RANKS.COOLDOWN),
    unknown_now: countRank(RANKS.UNKNOWN),
    next_available_in_seconds: cooling[0]?.seconds ?? null,
    next_available_file: cooling[0]?.file ?? null,
  };
}

function usedPercents(accounts: readonly AccountView[]): readonly number[] {
  return accounts.flatMap(windowsOf).map((window) => window.used_percent).filter((used) => used !== null);
}
