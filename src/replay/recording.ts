/**
 * The event log read back as a history. A log may be cut, of an older version or damaged: what cannot be read is
 * counted and passed over.
 * @module
 */

import { isOutcomeKind } from "../auth/outcome.ts";
import { isObject, member, parseJson } from "../values/json.ts";
import type { Arrival, History, KeyNotice, PastAttempt, PastRequest } from "./history.ts";

export interface Recording extends History {
  /** The keys that are named, sorted. */
  readonly keys: readonly string[];
  readonly lines: LineCounts;
  /** Resets by hand; a replay repeats none. */
  readonly resets: number;
  /** Attempts with a client's own login; no key is chosen for those. */
  readonly ownLogins: number;
}

export interface LineCounts {
  readonly total: number;
  /** Events that tell nothing about requests and keys. */
  readonly other: number;
  readonly unreadable: number;
}

/** Reads the lines of `rr_proxy_v2.events.jsonl`. Never throws. */
export function readRecording(text: string): Recording {
  const requests = new Map<string, Draft>();
  const notices: KeyNotice[] = [];
  const lines = { total: 0, other: 0, unreadable: 0 };
  let [resets, ownLogins] = [0, 0];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    lines.total++;
    const read = readLine(line);
    switch (read.kind) {
      case "attempt":
        draftOf(requests, read).attempts.push(read.attempt);
        break;
      case "held":
        draftOf(requests, read);
        break;
      case "refused":
        draftOf(requests, read).refusal = read.type;
        break;
      case "notice":
        notices.push(read.notice);
        if (read.notice.event === "auth.reset") resets++;
        break;
      case "own_login":
        ownLogins++;
        break;
      default:
        lines[read.kind]++;
    }
  }
  const past = [...requests.values()].filter(concernsThePool).sort((a, b) => a.arrivedMs - b.arrivedMs);
  return { requests: past, notices, keys: keysOf(past, notices), lines, resets, ownLogins };
}

type Line =
  | { readonly kind: "attempt"; readonly arrival: Arrival; readonly attempt: PastAttempt }
  | { readonly kind: "held"; readonly arrival: Arrival }
  | { readonly kind: "refused"; readonly arrival: Arrival; readonly type: string }
  | { readonly kind: "notice"; readonly notice: KeyNotice }
  | { readonly kind: "own_login" | "other" | "unreadable" };

const UNREADABLE: Line = { kind: "unreadable" };

function readLine(text: string): Line {
  const json = parseJson(text);
  const [event, atMs] = [member(json, "event"), timeOf(member(json, "ts"))];
  if (!isObject(json) || typeof event !== "string" || atMs === undefined) return UNREADABLE;
  const requestId = member(json, "request_id");
  const arrival = typeof requestId === "string" ? arrivalOf(json, requestId, atMs) : undefined;
  switch (event) {
    case "proxy.request":
      return arrival ? readAttempt(json, arrival, atMs) : UNREADABLE;
    case "proxy.held":
      return arrival ? { kind: "held", arrival } : UNREADABLE;
    case "proxy.refused":
    case "auth.pool_exhausted": {
      const type = member(json, "type");
      return arrival && typeof type === "string" ? { kind: "refused", arrival, type } : UNREADABLE;
    }
    default: {
      const notice = readNotice(event, atMs, json);
      return notice ? { kind: "notice", notice } : { kind: "other" };
    }
  }
}

/** A change of a key's state out of the fields of its event; `undefined` for an event about something else. */
export function readNotice(event: string, atMs: number, fields: unknown): KeyNotice | undefined {
  const [file, state, cause, requestId] = ["auth_file", "state", "cause", "request_id"].map((name) =>
    member(fields, name)
  );
  if (!event.startsWith("auth.") || typeof file !== "string" || typeof state !== "string") return undefined;
  const untilMs = timeOf(member(fields, "until"));
  return {
    event,
    atMs,
    file,
    state,
    status: statusOf(fields),
    ...(typeof cause === "string" ? { cause } : {}),
    ...(untilMs === undefined ? {} : { untilMs }),
    ...(typeof requestId === "string" ? { requestId } : {}),
  };
}

function readAttempt(json: unknown, arrival: Arrival, endedMs: number): Line {
  const [file, outcome, latencyMs, error] = ["auth_file", "outcome", "latency_ms", "error"].map((name) =>
    member(json, name)
  );
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
      status: statusOf(json),
      ...(typeof error === "string" ? { error } : {}),
    },
  };
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

function statusOf(json: unknown): number | null {
  const status = member(json, "status");
  return typeof status === "number" ? status : null;
}

function arrivalOf(json: unknown, requestId: string, arrivedMs: number): Arrival {
  const [session, model] = [member(json, "session"), member(json, "model")];
  return {
    requestId,
    arrivedMs,
    ...(typeof session === "string" ? { session } : {}),
    ...(typeof model === "string" ? { model } : {}),
  };
}

/** A request of which more may be read. */
interface Draft extends PastRequest {
  arrivedMs: number;
  session?: string;
  model?: string;
  refusal?: string;
  readonly attempts: PastAttempt[];
}

// The lines of a request all repeat who it is, except a refusal's; the earliest of them says when it came.
function draftOf(requests: Map<string, Draft>, { arrival }: { readonly arrival: Arrival }): Draft {
  const draft = requests.get(arrival.requestId) ?? { ...arrival, attempts: [] };
  const arrivedMs = Math.min(draft.arrivedMs, arrival.arrivedMs);
  requests.set(arrival.requestId, Object.assign(draft, arrival, { arrivedMs }));
  return draft;
}

// Others were refused at the door.
function concernsThePool({ attempts, refusal }: PastRequest): boolean {
  return attempts.length > 0 || refusal === "usage_limit_reached" || refusal === "no_usable_keys";
}

function keysOf(requests: readonly PastRequest[], notices: readonly KeyNotice[]): readonly string[] {
  const tried = requests.flatMap(({ attempts }) => attempts.map(({ file }) => file));
  return [...new Set([...tried, ...notices.map(({ file }) => file)])].sort();
}
