/**
 * What happened, as far as the rules of rotation care. What was recorded and what a replay makes of it have the same
 * shape, so that one function counts both.
 * @module
 */

import type { Outcome } from "../auth/outcome.ts";

export interface History {
  /** In order of arrival. */
  readonly requests: readonly PastRequest[];
  /** In the order in which they were given. */
  readonly notices: readonly KeyNotice[];
}

/** A client's request before anything was done for it. */
export interface Arrival {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly arrivedMs: number;
  readonly session?: string;
  readonly model?: string;
}

export interface PastRequest extends Arrival {
  /** In the order in which they began. */
  readonly attempts: readonly PastAttempt[];
  /** The type of the answer that the proxy gave by itself; absent when it passed the upstream's on. */
  readonly refusal?: string;
}

export interface PastAttempt {
  /** The key's name. */
  readonly file: string;
  readonly startedMs: number;
  readonly endedMs: number;
  /** As the answer itself says, before the rest of the pool is looked at. */
  readonly outcome: Outcome["kind"];
  /** The upstream's name for what went wrong, or the reason why it gave no answer. */
  readonly error?: string;
  /** Null when the upstream gave none. */
  readonly status: number | null;
}

/** A key went into another state. */
export interface KeyNotice {
  /** `auth.cooldown`, `auth.blacklisted`, `auth.restored` and the like. */
  readonly event: string;
  readonly atMs: number;
  readonly file: string;
  /** `ok`, `cooldown`, `blacklist` or `probation`. */
  readonly state: string;
  readonly cause?: string;
  readonly untilMs?: number;
  /** The attempt's that the state rests on. */
  readonly status: number | null;
  readonly requestId?: string;
}

export interface Tally {
  readonly requests: number;
  /** Those whose answer came from the upstream, whatever it said. */
  readonly served: number;
  /** Those that the proxy answered by itself, by the type of that answer. */
  readonly refused: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Attempts by key. */
  readonly picks: Readonly<Record<string, number>>;
  readonly sessions: number;
  /** How often a session was served by another key than the time before. */
  readonly keyChanges: number;
  readonly cooldowns: number;
  readonly ejections: number;
}

export function tallyOf({ requests, notices }: History): Tally {
  const attempts = requests.flatMap((request) => request.attempts);
  const refusals = requests.flatMap(({ refusal }) => refusal === undefined ? [] : [refusal]);
  const noticesOf = (name: string) => notices.filter(({ event }) => event === name).length;
  return {
    requests: requests.length,
    served: requests.length - refusals.length,
    refused: countsOf(refusals),
    attempts: attempts.length,
    outcomes: countsOf(attempts.map(({ outcome }) => outcome)),
    picks: countsOf(attempts.map(({ file }) => file)),
    sessions: new Set(requests.flatMap(({ session }) => session ?? [])).size,
    keyChanges: keyChangesOf(requests),
    cooldowns: noticesOf("auth.cooldown"),
    ejections: noticesOf("auth.blacklisted"),
  };
}

function keyChangesOf(requests: readonly PastRequest[]): number {
  const fileOf = new Map<string, string>();
  let changes = 0;
  for (const { session, attempts, refusal } of requests) {
    const file = attempts.at(-1)?.file;
    if (session === undefined || file === undefined || refusal !== undefined) continue;
    const before = fileOf.get(session) ?? file;
    if (before !== file) changes++;
    fileOf.set(session, file);
  }
  return changes;
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => a < b ? -1 : 1));
}
