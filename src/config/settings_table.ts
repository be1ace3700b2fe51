/**
 * Every setting, one row each. Resolving, `status --json`, the help and docs/configuration.md are all made from
 * these rows, so a new setting is a field of Settings and a row here; the compiler asks for both.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import {
  baseUrl,
  hostName,
  type Kind,
  mebibytes,
  oneOf,
  onOff,
  optionalBaseUrl,
  path,
  seconds,
  secretKey,
  wholeNumber,
} from "./setting_kinds.ts";

/** The settings as the program works with them: paths absolute, durations in milliseconds, sizes in bytes. */
export interface Settings {
  readonly authDir: string;
  readonly envFile: string;
  readonly host: string;
  /** 0: none chosen yet. */
  readonly port: number;
  /** Without a slash at its end. */
  readonly upstream: string;
  /** Without a slash at its end. `undefined`: the upstream. */
  readonly usageBaseUrl: string | undefined;
  /** `undefined`: none made yet. */
  readonly managementKey: Secret | undefined;
  readonly allowNonLoopback: boolean;
  readonly traceMax: number;
  readonly rotation: "session" | "request";
  readonly holdMs: number;
  readonly maxAttempts: number;
  readonly maxBodyBytes: number;
  readonly connectTimeoutMs: number;
  readonly headTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly drainMs: number;
  readonly cooldownBaseMs: number;
  readonly cooldownMaxMs: number;
  readonly ejectionBaseMs: number;
  readonly ejectionMaxMs: number;
  readonly strikesToEject: number;
  readonly trialIntervalMs: number;
  readonly trialSuccesses: number;
  readonly minRemainingPercent: number;
  readonly maxEjectedPercent: number;
  readonly logMaxBytes: number;
}

/** A row: how a setting is called outside, and what it means. */
export interface Setting<T> extends Kind<T> {
  /** Its name in JSON outputs and messages. */
  readonly name: string;
  /** Absent for the knobs that only the environment and `.env` set. */
  readonly flag?: string;
  readonly environment: string;
  /** As a person would write it; empty: none. */
  readonly default: string;
  /** One or two sentences for the help and the documentation. */
  readonly doc: string;
}

/** Stands in a default for the auth dir, whichever that turns out to be. */
export const AUTH_DIR_PLACEHOLDER = "<auth dir>";

const HOUR_S = 60 * 60;
const DAY_S = 24 * HOUR_S;
const WEEK_S = 7 * DAY_S;

export const SETTINGS: { readonly [Key in keyof Settings]: Setting<Settings[Key]> } = {
  authDir: {
    name: "auth_dir",
    flag: "--auth-dir",
    environment: "CLIPROXY_AUTH_DIR",
    default: "~/.codex/_auths",
    ...path(),
    doc: "The folder with the keys, one JSON file each. The proxy keeps its own files there too.",
  },
  envFile: {
    name: "env_file",
    environment: "CLIPROXY_ENV_FILE",
    default: `${AUTH_DIR_PLACEHOLDER}/.env`,
    ...path(),
    doc:
      "The file that holds settings between runs. The chosen port and the management key are written to it.",
  },
  host: {
    name: "host",
    flag: "--host",
    environment: "CLIPROXY_HOST",
    default: "127.0.0.1",
    ...hostName(),
    doc: "The address to listen on. One that other machines can reach also needs `allow_non_loopback`.",
  },
  port: {
    name: "port",
    flag: "--port",
    environment: "CLIPROXY_PORT",
    default: "0",
    ...wholeNumber(0, 65535),
    doc: "The port to listen on. 0 picks a free one at the first start and keeps it in the env file.",
  },
  upstream: {
    name: "upstream",
    flag: "--upstream",
    environment: "CLIPROXY_UPSTREAM",
    default: "https://chatgpt.com/backend-api",
    ...baseUrl(),
    doc: "Where requests go. ChatGPT's own address without a path gets `/backend-api` added.",
  },
  usageBaseUrl: {
    name: "usage_base_url",
    environment: "CLIPROXY_USAGE_BASE_URL",
    default: "",
    ...optionalBaseUrl(),
    doc: "Where `cdx2 all` asks what each key has used. Without one, it asks the upstream.",
  },
  managementKey: {
    name: "management_key",
    flag: "--management-key",
    environment: "CLIPROXY_MANAGEMENT_KEY",
    default: "",
    ...secretKey(8),
    doc:
      "What a caller of the management endpoints has to present. Without one, the first start makes 24 random " +
      "bytes and keeps them in the env file.",
  },
  allowNonLoopback: {
    name: "allow_non_loopback",
    flag: "--allow-non-loopback",
    environment: "CLIPROXY_ALLOW_NON_LOOPBACK",
    default: "off",
    ...onOff(),
    doc: "Permits a `host` that other machines can reach. Everyone who reaches it can spend your keys.",
  },
  traceMax: {
    name: "trace_max",
    flag: "--trace-max",
    environment: "CLIPROXY_TRACE_MAX",
    default: "500",
    ...wholeNumber(1, 100_000),
    doc: "How many request attempts the proxy remembers for `cdx2 trace`.",
  },
  rotation: {
    name: "rotation",
    environment: "CLIPROXY_ROTATION",
    default: "session",
    ...oneOf("session", "request"),
    doc: "What stays on one key: a whole session while its key is usable, or only a single request.",
  },
  holdMs: {
    name: "hold_seconds",
    environment: "CLIPROXY_HOLD_SECONDS",
    default: "20",
    ...seconds(0, HOUR_S),
    doc: "When no key is usable, a request waits for one that frees up within this time. 0 never waits.",
  },
  maxAttempts: {
    name: "max_attempts",
    environment: "CLIPROXY_MAX_ATTEMPTS",
    default: "8",
    ...wholeNumber(1, 1000),
    doc: "At most so many attempts are made for one request, each with another key.",
  },
  maxBodyBytes: {
    name: "body_limit_mb",
    environment: "CLIPROXY_BODY_LIMIT_MB",
    default: "64",
    ...mebibytes(1, 1024),
    doc: "The largest request body. A larger one is answered with status 413.",
  },
  connectTimeoutMs: {
    name: "connect_timeout_seconds",
    environment: "CLIPROXY_CONNECT_TIMEOUT_SECONDS",
    default: "10",
    ...seconds(0.05, HOUR_S),
    doc: "How long a connection to the upstream may take to come about.",
  },
  headTimeoutMs: {
    name: "head_timeout_seconds",
    environment: "CLIPROXY_HEAD_TIMEOUT_SECONDS",
    default: "300",
    ...seconds(0.05, DAY_S),
    doc: "How long the upstream may take to begin its answer.",
  },
  idleTimeoutMs: {
    name: "idle_timeout_seconds",
    environment: "CLIPROXY_IDLE_TIMEOUT_SECONDS",
    default: "300",
    ...seconds(0.05, DAY_S),
    doc: "How long an answer may stand still between two pieces before the proxy gives it up.",
  },
  drainMs: {
    name: "drain_seconds",
    environment: "CLIPROXY_DRAIN_SECONDS",
    default: "10",
    ...seconds(0, HOUR_S),
    doc: "How long running answers get to finish when the proxy stops.",
  },
  cooldownBaseMs: {
    name: "cooldown_seconds",
    environment: "CLIPROXY_COOLDOWN_SECONDS",
    default: "30",
    ...seconds(0.05, DAY_S),
    doc:
      "The pause of a rate-limited key when the upstream names no time. It doubles with each strike in a row.",
  },
  cooldownMaxMs: {
    name: "cooldown_max_seconds",
    environment: "CLIPROXY_COOLDOWN_MAX_SECONDS",
    default: "900",
    ...seconds(0.05, WEEK_S),
    doc: "Where that doubling ends. Not below `cooldown_seconds`.",
  },
  ejectionBaseMs: {
    name: "blacklist_seconds",
    environment: "CLIPROXY_BLACKLIST_SECONDS",
    default: "900",
    ...seconds(0.05, DAY_S),
    doc: "How long a key that the upstream rejected stays out. It doubles with each ejection.",
  },
  ejectionMaxMs: {
    name: "blacklist_max_seconds",
    environment: "CLIPROXY_BLACKLIST_MAX_SECONDS",
    default: "21600",
    ...seconds(0.05, WEEK_S),
    doc: "Where that doubling ends. Not below `blacklist_seconds`.",
  },
  strikesToEject: {
    name: "strikes_to_eject",
    environment: "CLIPROXY_STRIKES_TO_EJECT",
    default: "5",
    ...wholeNumber(1, 1000),
    doc: "After this many rate limits in a row, none of which named a time, the key is ejected.",
  },
  trialIntervalMs: {
    name: "trial_seconds",
    environment: "CLIPROXY_TRIAL_SECONDS",
    default: "20",
    ...seconds(0.05, HOUR_S),
    doc: "The least time between two trials of a key on probation.",
  },
  trialSuccesses: {
    name: "trial_successes",
    environment: "CLIPROXY_TRIAL_SUCCESSES",
    default: "2",
    ...wholeNumber(1, 100),
    doc: "How many trials in a row have to succeed before a key on probation is usable again.",
  },
  minRemainingPercent: {
    name: "limit_min_remaining_percent",
    environment: "CLIPROXY_LIMIT_MIN_REMAINING_PERCENT",
    default: "0",
    ...wholeNumber(0, 99),
    doc: "A key with no more than this left in a usage window is kept back. 0 keeps no reserve.",
  },
  maxEjectedPercent: {
    name: "max_ejected_percent",
    environment: "CLIPROXY_MAX_EJECTED_PERCENT",
    default: "50",
    ...wholeNumber(1, 100),
    doc:
      "At most this share of the keys is ejected for a 403 at once, so that a block of another kind empties no pool.",
  },
  logMaxBytes: {
    name: "log_max_mb",
    environment: "CLIPROXY_LOG_MAX_MB",
    default: "10",
    ...mebibytes(1, 1024),
    doc: "The size at which the service log, and likewise the event log, begins a new file.",
  },
};

/** The keys of {@link Settings}, in the order of the rows. */
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly (keyof Settings)[];
