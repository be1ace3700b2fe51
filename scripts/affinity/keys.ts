/**
 * The upstream of the simulation: keys whose usage windows fill up and which are refused when one is full, a dead key,
 * and bursts. As with the real upstream, the head of an answer tells how full the windows were when the turn began,
 * and a turn that begins below 100 % is served to its end.
 * @module
 */

import { ACCOUNT_LIMIT, type WindowReading } from "../../src/auth/limits.ts";
import type { Outcome } from "../../src/auth/outcome.ts";
import { FIVE_HOURS_S, WEEK_S } from "../../src/auth/usage.ts";
import type { Arrival } from "../../src/replay/history.ts";
import type { Answer, UpstreamModel } from "../../src/replay/replay.ts";
import { DAY, type Turn } from "./day.ts";
import type { Random } from "./random.ts";

const HOUR_MS = 3_600_000;

// Later than the end of the day.
const NOT_TODAY_MS = 2 * 24 * HOUR_MS;

/** The parameters of the keys. docs/performance.md explains them. */
export const KEYS = {
  /** For each working key: how full its weekly window is in the morning, and how long after that it is reset. */
  weekly: [
    { usedPercent: 15, resetAfterMs: NOT_TODAY_MS },
    { usedPercent: 40, resetAfterMs: NOT_TODAY_MS },
    { usedPercent: 65, resetAfterMs: NOT_TODAY_MS },
    { usedPercent: 88, resetAfterMs: NOT_TODAY_MS },
    { usedPercent: 95, resetAfterMs: 4.5 * HOUR_MS },
  ],
  /** A weekly window holds as much as this number of 5-hour windows. */
  fiveHoursPerWeek: 6,
  /** Bursts per day, each on one key. */
  bursts: 4,
  burstMs: 20_000,
  /** How long a refusal takes. */
  refusalMs: 250,
} as const;

/** The key that is always refused: its token was revoked. */
export const DEAD = "dead.json";
/** All keys. */
export const FILES: readonly string[] = [
  ...KEYS.weekly.map((_weekly, index) => `key-${index + 1}.json`),
  DEAD,
];

/** A time during which a key could not serve. */
export interface Span {
  readonly file: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * What the policy learns about full windows: only that a request was refused, also the reset time, or with each answer
 * how full the windows are.
 */
export type Tells = "statuses" | "resets" | "windows";

const BURST: Outcome = {
  kind: "rate_limited",
  code: "rate_limit_exceeded",
  scope: "key",
  isMoment: false,
  untilMs: undefined,
};

interface Window {
  readonly windowSeconds: number;
  usedPercent: number;
  /** Infinity before the first use, which starts the window. */
  resetAtMs: number;
}

/** Answers turns as the upstream would. Times must not go back from one call to the next. */
export class SimulatedKeys implements UpstreamModel {
  /** Each time that a window was used up, down to what the policy keeps in reserve. */
  readonly exhausted: Span[] = [];
  readonly #turns: ReadonlyMap<string, Turn>;
  readonly #windows: ReadonlyMap<string, readonly Window[]>;
  readonly #bursts: readonly Span[];
  readonly #tells: Tells;
  readonly #reservePercent: number;
  /** What running turns will cost when they end. */
  #charges: { readonly file: string; readonly atMs: number; readonly percent: number }[] = [];

  constructor(
    turns: readonly Turn[],
    { startMs, random, tells, reservePercent }: {
      startMs: number;
      random: Random;
      tells: Tells;
      reservePercent: number;
    },
  ) {
    this.#turns = new Map(turns.map((turn) => [turn.requestId, turn]));
    this.#windows = new Map(KEYS.weekly.map((weekly, index) => [FILES[index]!, windowsOf(weekly, startMs)]));
    this.#bursts = Array.from({ length: KEYS.bursts }, () => burst(startMs, random));
    this.#tells = tells;
    this.#reservePercent = reservePercent;
  }

  answer({ requestId }: Arrival, file: string, { nowMs }: { readonly nowMs: number }): Answer {
    const outcome = this.trial(file, nowMs);
    const readings = this.#tells === "windows" ? this.#readings(file, nowMs) : [];
    if (outcome.kind !== "ok") {
      const status = outcome.kind === "auth_rejected" ? 401 : 429;
      return { outcome, status, latencyMs: KEYS.refusalMs, readings, isCommitted: false, failure: undefined };
    }
    const { durationMs, costPercent } = this.#turns.get(requestId)!;
    this.#charges.push({ file, atMs: nowMs + durationMs, percent: costPercent });
    return { outcome, status: 200, latencyMs: durationMs, readings, isCommitted: false, failure: undefined };
  }

  trial(file: string, nowMs: number): Outcome {
    this.#settle(nowMs);
    if (file === DEAD) return { kind: "auth_rejected", code: "token_revoked" };
    const full = this.#windows.get(file)!.filter(isFull);
    if (full.length > 0 && this.#tells === "statuses") return BURST;
    if (full.length > 0) {
      const untilMs = Math.max(...full.map(({ resetAtMs }) => resetAtMs));
      return { kind: "rate_limited", code: "usage_limit_reached", scope: "key", isMoment: false, untilMs };
    }
    return this.#bursts.some((burst) => burst.file === file && isWithin(burst, nowMs))
      ? BURST
      : { kind: "ok" };
  }

  #settle(nowMs: number): void {
    const due = this.#charges.filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
    this.#charges = this.#charges.filter(({ atMs }) => atMs > nowMs);
    for (const { file, atMs, percent } of due) {
      this.#resetUntil(atMs);
      for (const window of this.#windows.get(file)!) this.#charge(file, window, { atMs, percent });
    }
    this.#resetUntil(nowMs);
  }

  #charge(file: string, window: Window, { atMs, percent }: { atMs: number; percent: number }): void {
    const isUsedUp = () => window.usedPercent >= 100 - this.#reservePercent;
    const wasUsedUp = isUsedUp();
    const isWeekly = window.windowSeconds === WEEK_S;
    if (window.resetAtMs === Infinity) window.resetAtMs = atMs + window.windowSeconds * 1000;
    window.usedPercent += isWeekly ? percent / KEYS.fiveHoursPerWeek : percent;
    if (isUsedUp() && !wasUsedUp) this.exhausted.push({ file, fromMs: atMs, untilMs: window.resetAtMs });
  }

  #resetUntil(nowMs: number): void {
    for (const window of [...this.#windows.values()].flat()) {
      if (window.resetAtMs > nowMs) continue;
      window.usedPercent = 0;
      window.resetAtMs = Infinity;
    }
  }

  #readings(file: string, nowMs: number): readonly WindowReading[] {
    const windows = this.#windows.get(file) ?? [];
    return windows.map(({ windowSeconds, usedPercent, resetAtMs }) => ({
      limit: ACCOUNT_LIMIT,
      windowSeconds,
      // The upstream rounds, and never says more than this.
      usedPercent: Math.min(100, Math.floor(usedPercent)),
      resetAtMs: resetAtMs === Infinity ? undefined : resetAtMs,
      source: "headers",
      atMs: nowMs,
    }));
  }
}

function windowsOf(
  { usedPercent, resetAfterMs }: (typeof KEYS.weekly)[number],
  startMs: number,
): readonly Window[] {
  return [
    { windowSeconds: FIVE_HOURS_S, usedPercent: 0, resetAtMs: Infinity },
    { windowSeconds: WEEK_S, usedPercent, resetAtMs: startMs + resetAfterMs },
  ];
}

function burst(startMs: number, random: Random): Span {
  const fromMs = startMs + random.between(0, DAY.lengthMs);
  const file = FILES[Math.floor(random.between(0, KEYS.weekly.length))]!;
  return { file, fromMs, untilMs: fromMs + KEYS.burstMs };
}

function isFull({ usedPercent }: Window): boolean {
  return usedPercent >= 100;
}

/** Whether the key could not serve at `nowMs`. */
export function isWithin({ fromMs, untilMs }: Span, nowMs: number): boolean {
  return nowMs >= fromMs && nowMs < untilMs;
}
