/**
 * What happened, as far as rotation is concerned. What was recorded and the result of a replay have the same shape, so
 * that one function counts both.
 * @module
 */

import type { KeyState } from "../auth/key_state.ts";
import type { Outcome } from "../auth/outcome.ts";
import type { KeyChangeFields } from "../api/events.ts";
import type { KeyEventName, ProxyEvent } from "../observability/event.ts";

/** The requests of some time, and what happened to the keys. */
export interface History {
  /** In order of arrival. */
  readonly requests: readonly PastRequest[];
  /** In the order in which they were logged. */
  readonly transitions: readonly KeyTransition[];
}

/** A client's request before anything was done for it. */
export interface Arrival {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly arrivedMs: number;
  /** `undefined` when the request names none; then it has no affinity to a key. */
  readonly session: string | undefined;
  /** `undefined` when the request does not tell. */
  readonly model: string | undefined;
}

/** A request that has been answered. */
export interface PastRequest extends Arrival {
  /** In the order in which they began. */
  readonly attempts: readonly PastAttempt[];
  /** The `error.type` of the proxy's own answer; `undefined` when it passed the upstream's answer on. */
  readonly refusal: string | undefined;
}

/** An attempt that has ended. */
export interface PastAttempt {
  /** The key's name. */
  readonly file: string;
  /** Epoch milliseconds, like `endedMs`. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** What this answer alone says, before the rest of the pool is looked at. */
  readonly outcome: Outcome["kind"];
  /** The upstream's code for what went wrong, or why it gave no answer; `undefined` when nothing did. */
  readonly error: string | undefined;
  /** The upstream's status; null when it gave none. */
  readonly status: number | null;
}

/** A key went into another state. */
export interface KeyTransition {
  readonly event: KeyEventName;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** The key's name. */
  readonly file: string;
  /** The state that the key is in now. */
  readonly state: KeyState["kind"];
  /** Why it is in this state; `undefined` for `ok`. */
  readonly cause: string | undefined;
  /** When the state ends, epoch milliseconds; `undefined` for one that does not end by itself. */
  readonly untilMs: number | undefined;
  /** The upstream's status in the attempt that the state rests on; null when there was none. */
  readonly status: number | null;
  /** The request of that attempt. */
  readonly requestId: string | undefined;
}

/** The transition that an event tells of. */
export function transitionOf({ event, atMs, fields }: ProxyEvent<KeyEventName>): KeyTransition {
  const { auth_file: file, state, cause, until, status = null, request_id: requestId }: KeyChangeFields =
    fields;
  const untilMs = until === undefined ? undefined : Date.parse(until);
  return { event, atMs, file, state, cause, untilMs, status, requestId };
}

/** A history in numbers. */
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

/** Counts a history. */
export function tallyOf({ requests, transitions }: History): Tally {
  const attempts = requests.flatMap((request) => request.attempts);
  const refusals = requests.flatMap(({ refusal }) => refusal === undefined ? [] : [refusal]);
  const countOf = (name: KeyEventName) => transitions.filter(({ event }) => event === name).length;
  return {
    requests: requests.length,
    served: requests.length - refusals.length,
    refused: countsOf(refusals),
    attempts: attempts.length,
    outcomes: countsOf(attempts.map(({ outcome }) => outcome)),
    picks: countsOf(attempts.map(({ file }) => file)),
    sessions: new Set(requests.flatMap(({ session }) => session ?? [])).size,
    keyChanges: keyChangesOf(requests),
    cooldowns: countOf("auth.cooldown"),
    ejections: countOf("auth.blacklisted"),
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
