/**
 * The result of a simulated day, counted: how often sessions lost their cache, and why.
 * @module
 */

import type { History, KeyTransition, PastRequest } from "../../src/replay/history.ts";
import { isWithin, type Span } from "./keys.ts";

/** Why a session was moved to another key. */
type Reason = "window" | "burst" | "idle" | "needless";

/** The counts of one day, or of several days together. */
export interface Figures {
  /** Turns that were served. */
  readonly turns: number;
  /** Those of them that are not the first of their session. */
  readonly further: number;
  /** Turns that were refused. */
  readonly refused: number;
  /** How often a session was moved, by reason. */
  readonly changes: Readonly<Record<Reason, number>>;
  /** How often a window was used up. */
  readonly exhausted: number;
  /** How often one session was moved because of one used-up window, at most. */
  readonly mostPerWindow: number;
  /** Attempts that were refused because a window was used up. */
  readonly quota429s: number;
  /** Attempts that were refused because of a burst. */
  readonly burst429s: number;
  /** Turns on the key of the session's last turn, while that key's cache lasts. */
  readonly warm: number;
}

/** The longest time that the upstream keeps the beginning of a prompt in its cache. */
const CACHE_MS = 3_600_000;

/** Counts a day. `exhausted` are the times during which a key could not serve because a window was used up. */
export function figuresOf(history: History, exhausted: readonly Span[]): Figures {
  const served = history.requests.filter(({ refusal }) => refusal === undefined);
  const pairs = [...Map.groupBy(served, ({ session }) => session).values()].flatMap(successive);
  const moves = pairs.filter(([before, after]) => fileOf(before) !== fileOf(after));
  const reasons = moves.map((move) => reasonOf(move, history.transitions, exhausted));
  const limits = history.requests.flatMap(({ attempts }) => attempts)
    .filter(({ outcome }) => outcome === "rate_limited");
  const quota429s = limits.filter(({ file, startedMs }) => spanOf(file, startedMs, exhausted)).length;
  const countOf = (wanted: Reason) => reasons.filter((reason) => reason === wanted).length;
  return {
    turns: served.length,
    further: pairs.length,
    refused: history.requests.length - served.length,
    changes: {
      window: countOf("window"),
      burst: countOf("burst"),
      idle: countOf("idle"),
      needless: countOf("needless"),
    },
    exhausted: exhausted.length,
    mostPerWindow: mostMovesPerWindow(moves.filter((_move, index) => reasons[index] === "window"), exhausted),
    quota429s,
    burst429s: limits.length - quota429s,
    warm:
      pairs.filter(([before, after]) => fileOf(before) === fileOf(after) && !isIdle([before, after])).length,
  };
}

/** Adds several days up; `mostPerWindow` is the maximum. */
export function summed(days: readonly Figures[]): Figures {
  const sum = (count: (figures: Figures) => number) => days.reduce((total, day) => total + count(day), 0);
  return {
    turns: sum(({ turns }) => turns),
    further: sum(({ further }) => further),
    refused: sum(({ refused }) => refused),
    changes: {
      window: sum(({ changes }) => changes.window),
      burst: sum(({ changes }) => changes.burst),
      idle: sum(({ changes }) => changes.idle),
      needless: sum(({ changes }) => changes.needless),
    },
    exhausted: sum(({ exhausted }) => exhausted),
    mostPerWindow: Math.max(...days.map(({ mostPerWindow }) => mostPerWindow)),
    quota429s: sum(({ quota429s }) => quota429s),
    burst429s: sum(({ burst429s }) => burst429s),
    warm: sum(({ warm }) => warm),
  };
}

type Pair = readonly [before: PastRequest, after: PastRequest];

function successive(turns: readonly PastRequest[]): Pair[] {
  return turns.slice(1).map((turn, index) => [turns[index]!, turn]);
}

function reasonOf(pair: Pair, transitions: readonly KeyTransition[], exhausted: readonly Span[]): Reason {
  const [before, { attempts, arrivedMs }] = pair;
  if (spanLeft(pair, exhausted)) return "window";
  const left = fileOf(before);
  const last = transitions.findLast(({ file, atMs }) => file === left && atMs <= arrivedMs);
  const isRefused = attempts.some(({ file, outcome }) => file === left && outcome === "rate_limited");
  if (isRefused || last?.event === "auth.cooldown") return "burst";
  return isIdle(pair) ? "idle" : "needless";
}

/** The span in which the key that was left had been used up. */
function spanLeft([before, after]: Pair, exhausted: readonly Span[]): Span | undefined {
  return spanOf(fileOf(before), after.attempts.at(-1)!.startedMs, exhausted);
}

function spanOf(file: string, atMs: number, exhausted: readonly Span[]): Span | undefined {
  return exhausted.find((span) => span.file === file && isWithin(span, atMs));
}

function mostMovesPerWindow(moves: readonly Pair[], exhausted: readonly Span[]): number {
  const bySessionAndWindow = Map.groupBy(moves, (move) => {
    return `${move[1].session}, window ${exhausted.indexOf(spanLeft(move, exhausted)!)}`;
  });
  return Math.max(0, ...[...bySessionAndWindow.values()].map((same) => same.length));
}

function isIdle([before, after]: Pair): boolean {
  return after.arrivedMs - before.attempts.at(-1)!.startedMs >= CACHE_MS;
}

function fileOf({ attempts }: PastRequest): string {
  return attempts.at(-1)!.file;
}
