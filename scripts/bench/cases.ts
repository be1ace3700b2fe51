/**
 * What every contender is asked, and how often. A case lasts one to two seconds, so that a round stays short and the
 * machine has little time to change within it.
 * @module
 */

/** One kind of load. */
export interface Case {
  /** Names it in performance.json and for `--case`. */
  readonly name: string;
  /** Names it in the tables. */
  readonly title: string;
  /** Tells the upstream what to answer; see upstream.ts. */
  readonly query: string;
  readonly bodyBytes: number;
  /** How many requests are under way at once. */
  readonly concurrency: number;
  readonly maxCount: number;
  readonly maxMs: number;
  /** Events of an answer that carry the time when they were sent; 0: there are none, and requests are counted. */
  readonly events: number;
  /** The connections open one after another, evenly within this time; 0: all at once. */
  readonly beginWithinMs: number;
  readonly isTls: boolean;
}

const KIB = 1024;
// What Codex sends after some turns of a conversation.
const TURN_BYTES = 69 * KIB;
const TURN_QUERY = "?burst=300";
const PIECES_QUERY = "?pieces=300";
const PACED_EVENTS = 50;
// Streams of different users do not tick together. Not a multiple of the time between two events: each stream has its own moment.
const BEGIN_WITHIN_MS = 407;

function json(concurrency: number): Case {
  return {
    name: `json${concurrency}`,
    title: `1 KB of JSON × ${concurrency}`,
    query: "",
    bodyBytes: KIB,
    concurrency,
    maxCount: 30_000,
    maxMs: 1000,
    events: 0,
    beginWithinMs: 0,
    isTls: false,
  };
}

function turn(concurrency: number): Case {
  const title = `Codex turn × ${concurrency}`;
  return {
    ...json(concurrency),
    name: `turn${concurrency}`,
    title,
    query: TURN_QUERY,
    bodyBytes: TURN_BYTES,
  };
}

/** The same, each event in a write of its own, as an upstream has it that does not gather them. */
function pieces(concurrency: number): Case {
  const title = `Codex turn in pieces × ${concurrency}`;
  return { ...turn(concurrency), name: `pieces${concurrency}`, title, query: PIECES_QUERY };
}

function paced(concurrency: number): Case {
  return {
    ...json(concurrency),
    name: `events${concurrency}`,
    title: `paced events × ${concurrency}`,
    query: `?ticks=${PACED_EVENTS}`,
    maxCount: concurrency,
    maxMs: 60_000,
    events: PACED_EVENTS,
    beginWithinMs: BEGIN_WITHIN_MS,
  };
}

/** Those of all streams come at once. */
function pacedInStep(concurrency: number): Case {
  const one = paced(concurrency);
  return { ...one, name: `${one.name}_in_step`, title: `${one.title}, in step`, beginWithinMs: 0 };
}

const FIVE_MB = 5_000_000;

/** All cases for all contenders. */
export const CASES: readonly Case[] = [
  ...[1, 16, 64].map(json),
  ...[1, 8].map(turn),
  ...[1, 8].map(pieces),
  ...[1, 10, 100, 500].map(paced),
  pacedInStep(100),
  { ...json(1), name: "upload", title: "5 MB up", bodyBytes: FIVE_MB },
  { ...json(1), name: "download", title: "5 MB down", query: `?down=${FIVE_MB}` },
  { ...json(16), name: "tls_json16", title: "JSON × 16, TLS upstream", isTls: true },
  { ...turn(1), name: "tls_turn1", title: "Codex turn × 1, TLS upstream", isTls: true },
];

// Fewer take some 20 ms of CPU time in a round: half as much again is chance.
const COMPARED_EVENTS = 1000;

/** Whether the CPU time of a case tells something beside that of another run. */
export function isComparable({ events, concurrency }: Pick<Case, "events" | "concurrency">): boolean {
  return events === 0 || events * concurrency >= COMPARED_EVENTS;
}

/** The case that shows what many keys cost. */
export const KEYS_CASE: Case = json(16);
/** How many keys the auth dirs hold that show it. */
export const KEY_COUNTS: readonly number[] = [10, 1000, 10_000];
