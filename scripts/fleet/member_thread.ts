/**
 * A member of a shared pool in a thread of its own, without a proxy around it: it judges keys as a proxy would, and notes
 * when it learns what another one has judged. It posts `"ready"`, and for each request what it then did.
 * @module
 */

import type { Outcome } from "../../src/auth/outcome.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import type { SharedStart } from "../../src/runtime/sandbox.ts";
import { SharedPool } from "../../src/runtime/shared_pool.ts";
import { systemClock } from "../../src/system/clock.ts";
import { aRecord, aVerdict, POLICY } from "../../tests/support/builders.ts";
import { wallMs } from "../bench/tick.ts";

/** What a thread is asked for. */
export type Request =
  | { readonly kind: "join"; readonly start: SharedStart; readonly keys: number }
  | { readonly kind: "judge"; readonly perSecond: number; readonly forMs: number }
  | { readonly kind: "report" };

/** One verdict: of which key, when its member had it, and when the thread that reports it knew. */
export type Known = readonly [file: string, judgedMs: number, knownMs: number];

/** What a thread answers to each request. */
export interface Report {
  /** The verdicts since the last report: to `judge` its own, else those of others. */
  readonly verdicts: readonly Known[];
  /** Of the time since the last report, how much went into judging, in milliseconds. */
  readonly judgingMs: number;
  /** How the pool is doing. */
  readonly state: string;
}

const HOUR_MS = 3_600_000;
// The time of a verdict is in the name of its limit, which all members get to see.
const PREFIX = "judged_at_";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(report: Report): void;
};
let verdicts: Known[] = [];
let judgingMs = 0;
let limits = 0;
let shared: SharedPool | undefined;
const pool = new KeyPool(POLICY, ({ record, to, why }) => {
  const cause = "cause" in to.state ? to.state.cause : "";
  if (why === "shared" && cause.startsWith(PREFIX)) {
    verdicts.push([record.file, Number(cause.slice(PREFIX.length)), wallMs()]);
  }
});

scope.onmessage = async ({ data }) => {
  if (data.kind === "join") await join(data.start, data.keys);
  if (data.kind === "judge") await judge(data.perSecond, data.forMs);
  scope.postMessage({ verdicts, judgingMs, state: shared!.page().state });
  verdicts = [];
  judgingMs = 0;
};

async function join(start: SharedStart, keys: number): Promise<void> {
  const records = Array.from({ length: keys }, (_, index) => aRecord(`key-${index}`));
  pool.merge(records, Date.now());
  const folder = { pool, listing: { records, rejected: [] }, mergeAgain: () => {}, shareWith: () => {} };
  shared = await SharedPool.join(start, {
    keys: folder,
    clock: systemClock,
    publish: () => {},
    version: "0",
    keepHome: () => Promise.resolve(true),
    renew: () => {},
    countWith: () => {},
  });
}

async function judge(perSecond: number, forMs: number): Promise<void> {
  const beginMs = performance.now();
  const { records } = pool;
  for (let count = 0;;) {
    const passedMs = performance.now() - beginMs;
    if (passedMs >= forMs) return;
    for (; count < passedMs * perSecond / 1000; count++) limit(records[count % records.length]!);
    await systemClock.sleep(1);
  }
}

/** A verdict that differs from the last one of this key. */
function limit(record: ReturnType<typeof aRecord>): void {
  const [atMs, nowMs] = [wallMs(), Date.now()];
  const code = `${PREFIX}${atMs.toFixed(3)}`;
  const untilMs = nowMs + HOUR_MS + limits++;
  const outcome: Outcome = { kind: "rate_limited", code, scope: "key", untilMs, isMoment: false };
  const beginMs = performance.now();
  pool.apply({ record, startedMs: nowMs }, { ...aVerdict(outcome, nowMs), status: 429 });
  judgingMs += performance.now() - beginMs;
  verdicts.push([record.file, Number(atMs.toFixed(3)), atMs]);
}
