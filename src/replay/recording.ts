/**
 * Reads an event log back as a history. A log may be cut off, damaged or written by an older version: lines that cannot
 * be read are counted and left out.
 * @module
 */

import type { KeyState } from "../auth/key_state.ts";
import { isOutcomeKind } from "../auth/outcome.ts";
import type { KeyEventName } from "../observability/event.ts";
import { isObject, member, parseJson } from "../values/json.ts";
import type { Arrival, History, KeyTransition, PastAttempt, PastRequest } from "./history.ts";

/** The history in an event log, and what else was in it. */
export interface Recording extends History {
  /** The names of all keys in the log, sorted. */
  readonly keys: readonly string[];
  readonly lines: LineCounts;
  /** Resets by hand; a replay does not repeat them. */
  readonly resets: number;
  /** Attempts with a client's own login; no key is chosen for those. */
  readonly ownLogins: number;
}

/** The lines of a log, by what they were good for. */
export interface LineCounts {
  /** Empty lines do not count. */
  readonly total: number;
  /** Events that say nothing about requests and keys. */
  readonly other: number;
  readonly unreadable: number;
}

/** Reads the text of an `rr_proxy_v2.events.jsonl`. Never throws. */
export function readRecording(text: string): Recording {
  const requests = new Map<string, Draft>();
  const transitions: KeyTransition[] = [];
  const lines = { total: 0, other: 0, unreadable: 0 };
  let [resets, ownLogins] = [0, 0];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    lines.total++;
    const read = readLine(line);
    switch (read.kind) {
      case "attempt":
        draftOf(requests, read.arrival).attempts.push(read.attempt);
        break;
      case "held":
        draftOf(requests, read.arrival);
        break;
      case "refused":
        draftOf(requests, read.arrival).refusal = read.type;
        break;
      case "transition":
        transitions.push(read.transition);
        if (read.transition.event === "auth.reset") resets++;
        break;
      case "own_login":
        ownLogins++;
        break;
      default:
        lines[read.kind]++;
    }
  }
  const past = [...requests.values()].filter(concernsThePool).sort((a, b) => a.arrivedMs - b.arrivedMs);
  return { requests: past, transitions, keys: keysOf(past, transitions), lines, resets, ownLogins };
}

type Line =
  | { readonly kind: "attempt"; readonly arrival: Arrival; readonly attempt: PastAttempt }
  | { readonly kind: "held"; readonly arrival: Arrival }
  | { readonly kind: "refused"; readonly arrival: Arrival; readonly type: string }
  | { readonly kind: "transition"; readonly transition: KeyTransition }
  | { readonly kind: "own_login" | "other" | "unreadable" };

const UNREADABLE: Line = { kind: "unreadable" };
const OTHER: Line = { kind: "other" };

// Checked by hand and not with a schema: a day's log has tens of thousands of lines.
function readLine(text: string): Line {
  const json = parseJson(text);
  const [event, atMs] = [member(json, "event"), timeOf(member(json, "ts"))];
  if (!isObject(json) || typeof event !== "string" || atMs === undefined) return UNREADABLE;
  const requestId = textOf(member(json, "request_id"));
  const arrival = requestId === undefined ? undefined : arrivalOf(json, requestId, atMs);
  switch (event) {
    case "proxy.request":
      return arrival ? readAttempt(json, arrival, atMs) : UNREADABLE;
    case "proxy.held":
      return arrival ? { kind: "held", arrival } : UNREADABLE;
    case "proxy.refused":
    case "auth.pool_exhausted": {
      const type = textOf(member(json, "type"));
      return arrival && type !== undefined ? { kind: "refused", arrival, type } : UNREADABLE;
    }
    default:
      return isKeyEvent(event) ? readTransition(event, atMs, json) : OTHER;
  }
}

function readTransition(event: KeyEventName, atMs: number, json: unknown): Line {
  const [file, state] = [textOf(member(json, "auth_file")), member(json, "state")];
  if (file === undefined || !isKeyState(state)) return OTHER;
  const transition = {
    event,
    atMs,
    file,
    state,
    cause: textOf(member(json, "cause")),
    untilMs: timeOf(member(json, "until")),
    status: statusOf(json),
    requestId: textOf(member(json, "request_id")),
  };
  return { kind: "transition", transition };
}

function readAttempt(json: unknown, arrival: Arrival, endedMs: number): Line {
  const [file, outcome, latencyMs] = ["auth_file", "outcome", "latency_ms"].map((name) => member(json, name));
  if (file === null) return { kind: "own_login" };
  if (typeof file !== "string" || !isDuration(latencyMs) || !isOutcomeKind(outcome)) return UNREADABLE;
  const startedMs = endedMs - latencyMs;
  return {
    kind: "attempt",
    arrival: { ...arrival, arrivedMs: startedMs },
    attempt: {
      file,
      startedMs,
      endedMs,
      outcome,
      error: textOf(member(json, "error")),
      status: statusOf(json),
    },
  };
}

// Each name of a union as a key, so that the compiler asks for a new one here.
const KEY_STATES: Readonly<Record<KeyState["kind"], true>> = {
  ok: true,
  cooldown: true,
  blacklist: true,
  probation: true,
};
const KEY_EVENTS: Readonly<Record<KeyEventName, true>> = {
  "auth.blacklisted": true,
  "auth.cooldown": true,
  "auth.probation": true,
  "auth.restored": true,
  "auth.reset": true,
};

function isKeyState(value: unknown): value is KeyState["kind"] {
  return typeof value === "string" && Object.hasOwn(KEY_STATES, value);
}

function isKeyEvent(name: string): name is KeyEventName {
  return Object.hasOwn(KEY_EVENTS, name);
}

// A damaged digit must not send a replay through centuries of trials.
const EARLIEST_MS = Date.UTC(2000);
const LATEST_MS = Date.UTC(2100);
const LONGEST_ATTEMPT_MS = 7 * 24 * 3600 * 1000;

function timeOf(text: unknown): number | undefined {
  const ms = typeof text === "string" ? Date.parse(text) : NaN;
  return ms >= EARLIEST_MS && ms < LATEST_MS ? ms : undefined;
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= LONGEST_ATTEMPT_MS;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function statusOf(json: unknown): number | null {
  const status = member(json, "status");
  return typeof status === "number" ? status : null;
}

function arrivalOf(json: unknown, requestId: string, arrivedMs: number): Arrival {
  const [session, model] = [textOf(member(json, "session")), textOf(member(json, "model"))];
  return { requestId, arrivedMs, session, model };
}

/** A request of which further lines may follow. */
interface Draft extends PastRequest {
  arrivedMs: number;
  session: string | undefined;
  model: string | undefined;
  refusal: string | undefined;
  readonly attempts: PastAttempt[];
}

// Each line of a request names its session and model, except that of a refusal; the earliest says when it arrived.
function draftOf(requests: Map<string, Draft>, arrival: Arrival): Draft {
  const known = requests.get(arrival.requestId);
  const draft = known ?? { ...arrival, refusal: undefined, attempts: [] };
  if (!known) requests.set(arrival.requestId, draft);
  draft.arrivedMs = Math.min(draft.arrivedMs, arrival.arrivedMs);
  draft.session = arrival.session ?? draft.session;
  draft.model = arrival.model ?? draft.model;
  return draft;
}

// The others were refused before a key was looked for.
function concernsThePool({ attempts, refusal }: PastRequest): boolean {
  return attempts.length > 0 || refusal === "usage_limit_reached" || refusal === "no_usable_keys";
}

function keysOf(requests: readonly PastRequest[], transitions: readonly KeyTransition[]): readonly string[] {
  const tried = requests.flatMap(({ attempts }) => attempts.map(({ file }) => file));
  return [...new Set([...tried, ...transitions.map(({ file }) => file)])].sort();
}
