/**
 * What `GET /metrics` answers a monitoring system: counts of the events that also go to trace and logs, and gauges that
 * are read at the time of the request. Names and meanings are in one table, from which docs/metrics.md is generated.
 * Labels hold no e-mail address, no token and no text of the upstream.
 * @module
 */

import type { Standing } from "../auth/choice.ts";
import type { Shared } from "../api/shared.ts";
import type { KeyReport } from "../auth/key_report.ts";
import { KEY_KINDS, type KeyKind } from "../api/events.ts";
import type { AttemptFields } from "../api/trace.ts";
import type { RefusalType } from "../api/refusal.ts";
import type { ProxyEvent } from "./event.ts";
import { keyLabel } from "./key_label.ts";
import { METRICS } from "./metric_table.ts";
import { Counter, Histogram, renderFamilies, type Sample, sampleOf } from "./prometheus.ts";
import {
  poolRunsOutSamples,
  UsageMetrics,
  windowResetSamples,
  windowRunsOutSamples,
  windowUsedSamples,
} from "./usage_metrics.ts";

/** What no event tells: the figures at the time of the request. */
export interface LiveFigures {
  /** With the times of the wall clock. */
  readonly keys: readonly KeyReport[];
  readonly inFlight: number;
  readonly webSockets: { readonly open: number; readonly replays: number; readonly resends: number };
  /** The number of lines lost since the start, by log. */
  readonly droppedLines: Readonly<Record<"events" | "service", number>>;
  /** `undefined` where there is no shared pool. */
  readonly shared: SharedFigures | undefined;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly startedMs: number;
}

/** What the metrics say of a shared pool. */
type SharedFigures = Pick<Shared, "state" | "members" | "pending" | "lag_ms" | "conflicts" | "logins">;

// What the client gets when a fault of ours ends its request.
const INTERNAL_ERROR: RefusalType = "internal_error";

// From a refusal that comes at once to a turn of an agent that takes ten minutes.
const BUCKETS_S = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

const KEY_STATES: readonly Standing[] = ["ok", "probation", "cooldown", "blacklist", "expired", "disabled"];

/** Counts since the start of the proxy. */
export class Metrics {
  readonly #requests = new Counter();
  readonly #held = new Counter();
  readonly #refusals = new Counter();
  readonly #wrongKeys = new Counter();
  readonly #attempts = new Counter();
  readonly #clientAttempts = new Counter();
  readonly #duration = new Histogram(BUCKETS_S);
  readonly #firstByte = new Histogram(BUCKETS_S);
  readonly #streamedBytes = new Counter();
  readonly #streamEnds = new Counter();
  readonly #ejections = new Counter();
  readonly #cooldowns = new Counter();
  readonly #usage = new UsageMetrics(BUCKETS_S);

  constructor() {
    // A metric without labels has one series, and that exists from the start.
    this.#held.add({}, 0);
    this.#streamedBytes.add({}, 0);
    for (const kind of KEY_KINDS) this.#wrongKeys.add({ kind }, 0);
  }

  /** Counts an event. Most events count for nothing. */
  add({ event, fields }: ProxyEvent): void {
    switch (event) {
      case "proxy.request":
        return this.#addAttempt(fields);
      case "proxy.held":
        return this.#held.add({});
      case "proxy.refused":
      case "auth.pool_exhausted":
        return this.#refusals.add({ type: fields.type });
      case "proxy.error":
        return this.#refusals.add({ type: INTERNAL_ERROR });
      case "auth.blacklisted":
        return this.#ejections.add({ key: keyLabel(fields.auth_file) });
      case "auth.cooldown":
        return this.#cooldowns.add({ key: keyLabel(fields.auth_file) });
    }
  }

  /** Counts an answer to a client. */
  addAnswer(status: number): void {
    this.#requests.add({ code: String(status) });
  }

  /** Counts a wrong key that a caller presented. */
  addWrongKey(kind: KeyKind): void {
    this.#wrongKeys.add({ kind });
  }

  /** All metrics in the Prometheus text format. `nowMs` is the wall clock's, in epoch milliseconds. */
  render(live: LiveFigures, nowMs: number): string {
    const samples: Record<keyof typeof METRICS, readonly Sample[]> = {
      requests: this.#requests.samples(),
      inFlight: [sampleOf(live.inFlight)],
      held: this.#held.samples(),
      refusals: this.#refusals.samples(),
      wrongKeys: this.#wrongKeys.samples(),
      attempts: this.#attempts.samples(),
      clientAttempts: this.#clientAttempts.samples(),
      duration: this.#duration.samples(),
      firstByte: this.#firstByte.samples(),
      streamedBytes: this.#streamedBytes.samples(),
      streamEnds: this.#streamEnds.samples(),
      webSockets: [sampleOf(live.webSockets.open)],
      webSocketReplays: [sampleOf(live.webSockets.replays)],
      webSocketResends: [sampleOf(live.webSockets.resends)],
      keys: KEY_STATES.map((state) => sampleOf(live.keys.filter(isIn(state)).length, { state })),
      keyState: live.keys.flatMap(stateSamples),
      ejections: this.#ejections.samples(),
      cooldowns: this.#cooldowns.samples(),
      ...this.#usage.samples(),
      windowUsed: live.keys.flatMap(windowUsedSamples),
      windowReset: live.keys.flatMap(windowResetSamples),
      windowRunsOut: live.keys.flatMap((report) => windowRunsOutSamples(report, nowMs)),
      poolRunsOut: poolRunsOutSamples(live.keys, nowMs),
      droppedLines: Object.entries(live.droppedLines).map(([log, count]) => sampleOf(count, { log })),
      ...sharedSamples(live.shared),
      buildInfo: [sampleOf(1, { version: live.version })],
      startTime: [sampleOf(live.startedMs / 1000)],
    };
    const names = Object.keys(METRICS) as readonly (keyof typeof METRICS)[];
    return renderFamilies(names.map((name) => [METRICS[name], samples[name]]));
  }

  #addAttempt(attempt: AttemptFields): void {
    const { auth_file, client, outcome, route, latency_ms, ttfb_ms, streamed_bytes, stream_end } = attempt;
    this.#attempts.add({ key: auth_file === null ? "client_login" : keyLabel(auth_file), outcome });
    if (client !== undefined) this.#clientAttempts.add({ client, outcome });
    this.#duration.observe({ route }, latency_ms / 1000);
    if (ttfb_ms !== null) this.#firstByte.observe({ route }, ttfb_ms / 1000);
    this.#streamedBytes.add({}, streamed_bytes ?? 0);
    this.#usage.add(attempt);
    if (stream_end !== undefined) this.#streamEnds.add({ end: stream_end });
  }
}

function sharedSamples(shared: SharedFigures | undefined) {
  const only = (value: number | null | undefined) =>
    value === undefined || value === null ? [] : [sampleOf(value)];
  return {
    sharedUp: only(shared && (shared.state === "up" ? 1 : 0)),
    sharedMembers: only(shared?.members.length),
    sharedPending: only(shared?.pending),
    sharedLag: only(shared?.lag_ms && shared.lag_ms / 1000),
    sharedConflicts: only(shared?.conflicts),
    sharedLogins: HOMES.flatMap((home) => {
      const logins = shared?.logins.filter((login) => homeKind(login) === home);
      return logins ? [sampleOf(logins.length, { home })] : [];
    }),
  };
}

const HOMES = ["here", "member", "away", "none"] as const;

function homeKind({ home, here, there }: Shared["logins"][number]): typeof HOMES[number] {
  if (home === null) return "none";
  return here ? "here" : there ? "member" : "away";
}

function isIn(state: Standing): (report: KeyReport) => boolean {
  return ({ standing }) => standing === state;
}

function stateSamples(report: KeyReport): readonly Sample[] {
  const key = keyLabel(report.record.file);
  return KEY_STATES.map((state) => sampleOf(isIn(state)(report) ? 1 : 0, { key, state }));
}
