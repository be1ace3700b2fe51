/**
 * The usage that Codex is shown: that of the pool's best key, or of the one key that it is to use, as if it were the
 * client's own account. Codex warns and stops by what it reads there, while the quota of its own login is not used here.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import { areUsable, type Credits, servesOnCredits } from "../auth/credits.ts";
import type { KeyReport } from "../auth/key_report.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { Secret } from "../values/secret.ts";
import { type Usage, type UsageLimit, type UsageWindow, WEEK_S } from "../auth/usage.ts";
import type { Clock } from "../system/clock.ts";
import type { SendUpstream } from "../system/http.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { askUsage } from "../upstream/usage_query.ts";
import { highest } from "../values/extremes.ts";

/** What {@link PoolUsage} works with. */
export interface PoolUsageOptions {
  /** The keys that are asked. */
  readonly pool: KeyPool;
  /** Where they are asked. */
  readonly upstream: Upstream;
  /** The way to the upstream. */
  readonly send: SendUpstream;
  /** Dates the answers. */
  readonly clock: Clock;
  /** Names this program. */
  readonly userAgent: string;
  /** Called with each usage page that came: it is fresh evidence about the key. */
  readonly onUsage: (record: AuthRecord, usage: Usage, nowMs: number) => void;
}

/** A key and what it has used. */
export interface KeyStanding {
  /** The key. */
  readonly record: AuthRecord;
  /** What its usage page says. */
  readonly usage: Usage;
  /** What it goes on with; `none`: it has to wait. */
  readonly goesOnWith: "quota" | "credits" | "none";
}

type Answer = Omit<KeyStanding, "goesOnWith">;

// The screen of Codex asks at its start and then every minute.
const KEPT_MS = 60_000;
// Codex draws its screen meanwhile; one silent key must not keep it waiting.
const TIMEOUT_MS = 3000;

/** Asks the keys of the pool, each at most once a minute. */
export class PoolUsage {
  readonly #options: PoolUsageOptions;
  /** By token, so that a new token is asked again, and one that is no longer in use is forgotten. */
  readonly #asked = new WeakMap<Secret, { askedMs: number; answer: Promise<Answer | undefined> }>();

  /** Begins with nothing asked. */
  constructor(options: PoolUsageOptions) {
    this.#options = options;
  }

  /**
   * The key with the most room, out of all that are neither ejected nor disabled; `undefined` when none of them answers.
   * Keys whose token has expired are asked only when there are no others.
   */
  async best(): Promise<KeyStanding | undefined> {
    return mostRoom(await this.#standings((key) => key.standing !== "disabled" && !isEjected(key)));
  }

  /** The key in this file, whatever its health; `undefined` when it does not answer. */
  async of(file: string): Promise<KeyStanding | undefined> {
    return (await this.#standings(({ record }) => record.file === file))[0];
  }

  async #standings(isMeant: (key: KeyReport) => boolean): Promise<readonly KeyStanding[]> {
    const nowMs = this.#options.clock.nowMs();
    const keys = this.#askedKeys(isMeant, nowMs);
    const answers = await Promise.all(keys.map(({ record }) => this.#usageOf(record, nowMs)));
    // Described again: the answers are news about the keys.
    const reports = this.#options.pool.describe(nowMs);
    return answers.flatMap((answer) => {
      if (!answer) return [];
      const { credits } = answer.usage;
      const known = reports.find(({ record }) => record.file === answer.record.file);
      const goesOn = servesOnCredits({ credits, refused: known?.credits.refused });
      return [{ ...answer, goesOnWith: answer.usage.allowed ? "quota" : goesOn ? "credits" : "none" }];
    });
  }

  #askedKeys(isMeant: (key: KeyReport) => boolean, nowMs: number): readonly KeyReport[] {
    // What another upstream has left is not a limit of the ChatGPT backend.
    const keys = this.#options.pool.describe(nowMs)
      .filter((key) => key.record.upstream === undefined && isMeant(key));
    const valid = keys.filter(({ standing }) => standing !== "expired");
    return valid.length > 0 ? valid : keys;
  }

  #usageOf(record: AuthRecord, nowMs: number): Promise<Answer | undefined> {
    const asked = this.#asked.get(record.token);
    if (asked && nowMs < asked.askedMs + KEPT_MS) return asked.answer;
    const answer = this.#ask(record);
    this.#asked.set(record.token, { askedMs: nowMs, answer });
    return answer;
  }

  async #ask(record: AuthRecord): Promise<Answer | undefined> {
    const { clock } = this.#options;
    const answer = await askUsage({ ...this.#options, timeoutMs: TIMEOUT_MS }, record);
    if (answer.kind === "failed") {
      this.#asked.delete(record.token);
      return undefined;
    }
    this.#options.onUsage(record, answer.usage, clock.nowMs());
    return { record, usage: answer.usage };
  }
}

function isEjected({ health }: KeyReport): boolean {
  return health.state.kind === "blacklist";
}

const RANKS: Readonly<Record<KeyStanding["goesOnWith"], number>> = { quota: 0, credits: 1, none: 2 };

/**
 * Of the keys that may be used, the one with the most left, and those with quota first; when there is none, the one
 * that may be used again first. `undefined` when there are no keys.
 */
export function mostRoom(keys: readonly KeyStanding[]): KeyStanding | undefined {
  return [...keys].sort((a, b) => {
    if (a.goesOnWith !== b.goesOnWith) return RANKS[a.goesOnWith] - RANKS[b.goesOnWith];
    return a.goesOnWith === "none"
      ? compare(backAtMs(a.usage), backAtMs(b.usage))
      : compare(mostUsed(a.usage), mostUsed(b.usage));
  })[0];
}

// Not a difference: that of two infinities is NaN.
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** In the fullest window; infinite for a key without windows. */
function mostUsed({ windows }: Usage): number {
  return windows.length === 0 ? Infinity : highest(windows.map(({ usedPercent }) => usedPercent));
}

/** When every full window has been reset; infinite when that is not known. */
function backAtMs({ windows }: Usage): number {
  const full = windows.filter(({ usedPercent }) => usedPercent >= 100);
  return full.length === 0 ? Infinity : highest(full.map(({ resetAtMs }) => resetAtMs ?? Infinity));
}

/**
 * The body of `/wham/usage` in the form that Codex CLI 0.169.0 decodes: all four numbers of a window are whole ones
 * and the plan is a text. It names the client's own account, never the key's.
 */
export function usagePage(
  { record, usage, goesOnWith }: KeyStanding,
  accountId: string | undefined,
  nowMs: number,
): object {
  const isAllowed = goesOnWith !== "none";
  return {
    user_id: null,
    account_id: accountId ?? null,
    email: null,
    plan_type: usage.planType ?? record.plan ?? "unknown",
    rate_limit: limitPart({ ...usage, allowed: isAllowed }, nowMs),
    additional_rate_limits: usage.additional.map((limit) => ({
      limit_name: limit.name,
      metered_feature: limit.feature,
      rate_limit: limitPart(limit, nowMs),
    })),
    credits: creditsPart(usage.credits),
    rate_limit_reached_type: isAllowed ? null : { type: "rate_limit_reached" },
  };
}

// The balance is a text, as the backend writes it.
function creditsPart(credits: Credits | undefined): object | null {
  if (!credits) return null;
  return {
    has_credits: areUsable(credits),
    unlimited: credits.isUnlimited,
    overage_limit_reached: credits.isCapped,
    balance: credits.balance ?? null,
  };
}

// The weekly window comes second even when it is the only one.
function limitPart({ allowed, windows }: UsageLimit, nowMs: number): object {
  const weekly = windows.find(({ windowSeconds }) => windowSeconds === WEEK_S);
  const [first, second] = windows.filter((window) => window !== weekly)
    .sort((a, b) => a.windowSeconds - b.windowSeconds);
  return {
    allowed,
    limit_reached: !allowed,
    primary_window: windowPart(first, nowMs),
    secondary_window: windowPart(weekly ?? second, nowMs),
  };
}

function windowPart(window: UsageWindow | undefined, nowMs: number): object | null {
  if (!window) return null;
  // Codex decodes no window without a reset; a window that names none has nothing to wait for.
  const resetAtMs = Math.max(window.resetAtMs ?? nowMs, nowMs);
  return {
    used_percent: Math.round(window.usedPercent),
    limit_window_seconds: window.windowSeconds,
    reset_after_seconds: Math.round((resetAtMs - nowMs) / 1000),
    reset_at: Math.round(resetAtMs / 1000),
  };
}
