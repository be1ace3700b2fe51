/**
 * What `GET /metrics` answers a monitoring system: counts of the events that also go to trace and logs, and gauges that
 * are read at the time of the request. Names and meanings are in one table, from which docs/metrics.md is generated.
 * Labels hold no e-mail address, no token and no text of the upstream.
 * @module
 */

import type { Standing } from "../auth/choice.ts";
import type { KeyReport } from "../auth/key_report.ts";
import { KEY_KINDS, type KeyKind } from "../api/events.ts";
import type { AttemptFields } from "../api/trace.ts";
import type { RefusalType } from "../api/refusal.ts";
import type { ProxyEvent } from "./event.ts";
import { keyLabel } from "./key_label.ts";
import { Counter, type Family, Histogram, renderFamilies, type Sample, sampleOf } from "./prometheus.ts";

/** A family, with the labels that its samples carry. */
export interface Metric extends Family {
  readonly labels: readonly string[];
}

/** Every metric, in the order of the answer. */
export const METRICS = {
  requests: {
    name: "cdx2_requests_total",
    type: "counter",
    labels: ["code"],
    help: "Answers begun, by the status that the client got; 499 when it had disconnected. " +
      "Management endpoints do not count.",
  },
  inFlight: {
    name: "cdx2_requests_in_flight",
    type: "gauge",
    labels: [],
    help: "Requests of clients in progress, running streams included.",
  },
  held: {
    name: "cdx2_requests_held_total",
    type: "counter",
    labels: [],
    help: "Requests that waited for a usable key.",
  },
  refusals: {
    name: "cdx2_refusals_total",
    type: "counter",
    labels: ["type"],
    help: "Requests that the proxy answered with an error of its own, by its type.",
  },
  wrongKeys: {
    name: "cdx2_wrong_keys_total",
    type: "counter",
    labels: ["kind"],
    help: "Wrong keys that callers presented: kind is management or client.",
  },
  attempts: {
    name: "cdx2_attempts_total",
    type: "counter",
    labels: ["key", "outcome"],
    help: "Attempts at the upstream, by key file and outcome; key is client_login where the client's own " +
      "login was passed through.",
  },
  duration: {
    name: "cdx2_attempt_duration_seconds",
    type: "histogram",
    labels: ["route"],
    help: "From the start of an attempt to its verdict: the head of the answer, or the end of its stream.",
  },
  firstByte: {
    name: "cdx2_attempt_time_to_first_byte_seconds",
    type: "histogram",
    labels: ["route"],
    help: "From the start of an attempt to the head of the answer; attempts without an answer do not count.",
  },
  streamedBytes: {
    name: "cdx2_streamed_bytes_total",
    type: "counter",
    labels: [],
    help: "Bytes of event streams relayed on model routes. Other answers are not counted.",
  },
  streamEnds: {
    name: "cdx2_stream_ends_total",
    type: "counter",
    labels: ["end"],
    help: "Event streams on model routes, by how they ended.",
  },
  webSockets: {
    name: "cdx2_websockets_open",
    type: "gauge",
    labels: [],
    help: "WebSockets of clients that are relayed now, idle ones included.",
  },
  webSocketReplays: {
    name: "cdx2_websocket_replays_total",
    type: "counter",
    labels: [],
    help: "Calls on WebSockets that were made again with the next key, unseen by the client.",
  },
  webSocketResends: {
    name: "cdx2_websocket_resends_total",
    type: "counter",
    labels: [],
    help: "Calls on WebSockets that the client was asked to send again, for the next key.",
  },
  keys: {
    name: "cdx2_keys",
    type: "gauge",
    labels: ["state"],
    help: "Keys in each state.",
  },
  keyState: {
    name: "cdx2_key_state",
    type: "gauge",
    labels: ["key", "state"],
    help: "1 for the state that a key is in, 0 for the others.",
  },
  ejections: {
    name: "cdx2_key_ejections_total",
    type: "counter",
    labels: ["key"],
    help: "How often a key was ejected.",
  },
  cooldowns: {
    name: "cdx2_key_cooldowns_total",
    type: "counter",
    labels: ["key"],
    help: "How often a cooldown of a key began or was extended.",
  },
  droppedLines: {
    name: "cdx2_log_lines_dropped_total",
    type: "counter",
    labels: ["log"],
    help: "Log lines that could not be written, by log: events or service.",
  },
  buildInfo: {
    name: "cdx2_build_info",
    type: "gauge",
    labels: ["version"],
    help: "Always 1; the version is in the label.",
  },
  startTime: {
    name: "cdx2_process_start_time_seconds",
    type: "gauge",
    labels: [],
    help: "When the proxy started, in epoch seconds.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** What no event tells: the figures at the time of the request. */
export interface LiveFigures {
  readonly keys: readonly KeyReport[];
  readonly inFlight: number;
  readonly webSockets: { readonly open: number; readonly replays: number; readonly resends: number };
  /** The number of lines lost since the start, by log. */
  readonly droppedLines: Readonly<Record<"events" | "service", number>>;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly startedMs: number;
}

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
  readonly #duration = new Histogram(BUCKETS_S);
  readonly #firstByte = new Histogram(BUCKETS_S);
  readonly #streamedBytes = new Counter();
  readonly #streamEnds = new Counter();
  readonly #ejections = new Counter();
  readonly #cooldowns = new Counter();

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

  /** All metrics in the Prometheus text format. */
  render(live: LiveFigures): string {
    const samples: Record<keyof typeof METRICS, readonly Sample[]> = {
      requests: this.#requests.samples(),
      inFlight: [sampleOf(live.inFlight)],
      held: this.#held.samples(),
      refusals: this.#refusals.samples(),
      wrongKeys: this.#wrongKeys.samples(),
      attempts: this.#attempts.samples(),
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
      droppedLines: Object.entries(live.droppedLines).map(([log, count]) => sampleOf(count, { log })),
      buildInfo: [sampleOf(1, { version: live.version })],
      startTime: [sampleOf(live.startedMs / 1000)],
    };
    const names = Object.keys(METRICS) as readonly (keyof typeof METRICS)[];
    return renderFamilies(names.map((name) => [METRICS[name], samples[name]]));
  }

  #addAttempt(attempt: AttemptFields): void {
    const { auth_file, outcome, route, latency_ms, ttfb_ms, streamed_bytes, stream_end } = attempt;
    this.#attempts.add({ key: auth_file === null ? "client_login" : keyLabel(auth_file), outcome });
    this.#duration.observe({ route }, latency_ms / 1000);
    if (ttfb_ms !== null) this.#firstByte.observe({ route }, ttfb_ms / 1000);
    this.#streamedBytes.add({}, streamed_bytes ?? 0);
    if (stream_end !== undefined) this.#streamEnds.add({ end: stream_end });
  }
}

function isIn(state: Standing): (report: KeyReport) => boolean {
  return ({ standing }) => standing === state;
}

function stateSamples(report: KeyReport): readonly Sample[] {
  const key = keyLabel(report.record.file);
  return KEY_STATES.map((state) => sampleOf(isIn(state)(report) ? 1 : 0, { key, state }));
}
