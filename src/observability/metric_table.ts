/**
 * Every metric of `GET /metrics` in one table, from which docs/metrics.md is generated.
 * @module
 */

import type { Family } from "./prometheus.ts";

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
  clientAttempts: {
    name: "cdx2_client_attempts_total",
    type: "counter",
    labels: ["client", "outcome"],
    help:
      "Attempts at the upstream, by the client whose key the request had and outcome; none where requests need no key.",
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
    help: "Event streams on model routes, and other answers that did not end well, by how they ended.",
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
    help: "How often a key was blacklisted.",
  },
  cooldowns: {
    name: "cdx2_key_cooldowns_total",
    type: "counter",
    labels: ["key"],
    help: "How often a cooldown of a key began or was extended.",
  },
  tokens: {
    name: "cdx2_tokens_total",
    type: "counter",
    labels: ["key", "model", "kind"],
    help:
      "Tokens of answers, by key file, model and kind: input, cached (the part of the input that came from the " +
      "prompt cache) or output. Models beyond the first 50 count as other.",
  },
  clientTokens: {
    name: "cdx2_client_tokens_total",
    type: "counter",
    labels: ["client", "kind"],
    help: "Tokens of answers, by the client whose key the request had, and kind as in cdx2_tokens_total.",
  },
  switches: {
    name: "cdx2_key_switches_total",
    type: "counter",
    labels: ["key"],
    help: "Requests that another key answered than the one before in their session, by the key that did.",
  },
  firstToken: {
    name: "cdx2_attempt_time_to_first_token_seconds",
    type: "histogram",
    labels: ["route"],
    help: "From the start of an attempt to the first event that shows something to the user.",
  },
  addedLatency: {
    name: "cdx2_added_latency_seconds",
    type: "histogram",
    labels: ["route"],
    help:
      "What the proxy had added when an answered attempt began: reading the body, waiting for a key, earlier attempts.",
  },
  windowUsed: {
    name: "cdx2_key_window_used_ratio",
    type: "gauge",
    labels: ["key", "window"],
    help:
      "The share of a usage window that is used, from 0 to 1, as last read; window is its length in seconds.",
  },
  windowReset: {
    name: "cdx2_key_window_reset_time_seconds",
    type: "gauge",
    labels: ["key", "window"],
    help: "When a usage window starts again, in epoch seconds.",
  },
  windowRunsOut: {
    name: "cdx2_key_window_runs_out_time_seconds",
    type: "gauge",
    labels: ["key", "window"],
    help:
      "When a usage window will be used up at its mean rate since it began, in epoch seconds; absent when it lasts until " +
      "it starts again.",
  },
  poolRunsOut: {
    name: "cdx2_pool_runs_out_time_seconds",
    type: "gauge",
    labels: [],
    help:
      "When no key will be left at these rates, in epoch seconds; absent when the pool lasts for a week, and with more " +
      "than 100 keys.",
  },
  droppedLines: {
    name: "cdx2_log_lines_dropped_total",
    type: "counter",
    labels: ["log"],
    help: "Log lines that could not be written, by log: events or service.",
  },
  sharedUp: {
    name: "cdx2_shared_up",
    type: "gauge",
    labels: [],
    help:
      "Whether the engine of the shared pool can be used: 1 or 0. Like all about it, only where there is one.",
  },
  sharedMembers: {
    name: "cdx2_shared_members",
    type: "gauge",
    labels: [],
    help: "Members of the shared pool that were there lately, this one included.",
  },
  sharedPending: {
    name: "cdx2_shared_pending",
    type: "gauge",
    labels: [],
    help: "Changes of keys that the engine of the shared pool does not have yet.",
  },
  sharedLag: {
    name: "cdx2_shared_lag_seconds",
    type: "gauge",
    labels: [],
    help: "How long the last change took through the engine of the shared pool and back.",
  },
  sharedConflicts: {
    name: "cdx2_shared_conflicts_total",
    type: "counter",
    labels: [],
    help: "How often another member of the shared pool was faster, and a change was made again.",
  },
  sharedLogins: {
    name: "cdx2_shared_logins",
    type: "gauge",
    labels: ["home"],
    help:
      "Logins of keys by who renews them in the shared pool: `here`; `member`, another one; `away`, one that is off; or `none`.",
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
