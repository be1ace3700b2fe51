/**
 * Every setting, one row each. Resolving, `status --json`, the help and docs/configuration.md are all made from these
 * rows, so a new setting is a field of Settings and a row here, or both in policy.ts; the compiler asks for both.
 * @module
 */

import { ACCESS_SETTINGS, type AccessSettings } from "./access_settings.ts";
import { BODY_SETTINGS, type BodySettings } from "./body_settings.ts";
import { optionalCommand } from "./command_words.ts";
import { GATEWAY_SETTINGS, type GatewaySettings } from "./gateway_settings.ts";
import { LOGIN_SETTINGS, type LoginSettings } from "./login_settings.ts";
import { type Policy, POLICY_SETTINGS } from "./policy.ts";
import { PLACE_SETTINGS, type PlaceSettings } from "./place_settings.ts";
import type { Setting, SettingGroup } from "./setting.ts";
import { SHARED_SETTINGS, type SharedSettings } from "./shared_settings.ts";
import { hostName, mebibytes, oneOf, seconds, wholeNumber } from "./setting_kinds.ts";
import { baseUrl, optionalBaseUrl } from "./url_kinds.ts";

/** The settings as the program works with them: paths absolute, durations in milliseconds, sizes in bytes. */
export interface Settings
  extends
    PlaceSettings,
    Policy,
    AccessSettings,
    GatewaySettings,
    LoginSettings,
    BodySettings,
    SharedSettings {
  /** The address to listen on: a host name or an IP address, IPv6 without brackets. */
  readonly host: string;
  /** Without a slash at its end. */
  readonly upstream: string;
  /** Without a slash at its end. `undefined`: the upstream. */
  readonly usageBaseUrl: string | undefined;
  /** `off`: clients are told to use HTTP. */
  readonly webSocket: "auto" | "off";
  /** `fetch`: that of Deno. */
  readonly upstreamClient: "own" | "fetch";
  /** How long connecting to the upstream may take. */
  readonly connectTimeoutMs: number;
  /** How long the upstream may take to begin its answer. */
  readonly headTimeoutMs: number;
  /** How long the upstream may take to send the next chunk of an answer, and the client to take it. */
  readonly idleTimeoutMs: number;
  /** How long answers in progress may take to finish when the proxy stops. */
  readonly drainMs: number;
  /** How many request attempts are remembered. */
  readonly traceMax: number;
  /** The size at which each log begins a new file. */
  readonly logMaxBytes: number;
  /** The command that is told of events, with its arguments. */
  readonly notify: readonly string[] | undefined;
}

const HOUR_S = 60 * 60;
const DAY_S = 24 * HOUR_S;

/** One row for each field of {@link Settings}. */
export const SETTINGS: { readonly [Key in keyof Settings]: Setting<Settings[Key]> } = {
  authDir: PLACE_SETTINGS.authDir,
  envFile: PLACE_SETTINGS.envFile,
  host: {
    name: "host",
    flag: "--host",
    environment: "CLIPROXY_HOST",
    default: "127.0.0.1",
    group: "service",
    ...hostName(),
    doc: "The address to listen on. One that other machines can reach also needs `allow_non_loopback`.",
  },
  port: PLACE_SETTINGS.port,
  managementKey: PLACE_SETTINGS.managementKey,
  ...ACCESS_SETTINGS,
  ...GATEWAY_SETTINGS,
  upstream: {
    name: "upstream",
    flag: "--upstream",
    environment: "CLIPROXY_UPSTREAM",
    default: "https://chatgpt.com/backend-api",
    group: "upstream",
    ...baseUrl(),
    doc: "Where requests go. ChatGPT's own address without a path gets `/backend-api` added.",
  },
  usageBaseUrl: {
    name: "usage_base_url",
    flag: undefined,
    environment: "CLIPROXY_USAGE_BASE_URL",
    default: "",
    group: "upstream",
    ...optionalBaseUrl(),
    doc: "Where `cdx2 all` asks what each key has used. Without it, `cdx2 all` asks the upstream.",
  },
  webSocket: {
    name: "websocket",
    flag: undefined,
    environment: "CLIPROXY_WEBSOCKET",
    default: "auto",
    group: "upstream",
    ...oneOf("auto", "off"),
    doc:
      "Whether Codex may use a WebSocket, on which it sends only what is new. `off` makes it use HTTP, as it does by " +
      "itself where the upstream has none.",
  },
  upstreamClient: {
    name: "upstream_client",
    flag: undefined,
    environment: "CLIPROXY_UPSTREAM_CLIENT",
    default: "own",
    group: "upstream",
    ...oneOf("own", "fetch"),
    doc:
      "Which HTTP client talks to the upstream: `own`, which is faster, or the one of Deno, `fetch`. The second is there " +
      "for one release, should the first have a fault.",
  },
  ...LOGIN_SETTINGS,
  ...BODY_SETTINGS,
  connectTimeoutMs: {
    name: "connect_timeout_seconds",
    flag: undefined,
    environment: "CLIPROXY_CONNECT_TIMEOUT_SECONDS",
    default: "10",
    group: "limits and timeouts",
    ...seconds(0.05, HOUR_S),
    doc: "Connect timeout: how long connecting to the upstream may take.",
  },
  headTimeoutMs: {
    name: "head_timeout_seconds",
    flag: undefined,
    environment: "CLIPROXY_HEAD_TIMEOUT_SECONDS",
    default: "300",
    group: "limits and timeouts",
    ...seconds(0.05, DAY_S),
    doc: "How long the upstream may take to begin its answer.",
  },
  idleTimeoutMs: {
    name: "idle_timeout_seconds",
    flag: undefined,
    environment: "CLIPROXY_IDLE_TIMEOUT_SECONDS",
    default: "300",
    group: "limits and timeouts",
    ...seconds(0.05, DAY_S),
    doc:
      "Idle timeout: how long the upstream may take to send the next piece of an answer, and the client to take it.",
  },
  drainMs: {
    name: "drain_seconds",
    flag: undefined,
    environment: "CLIPROXY_DRAIN_SECONDS",
    default: "10",
    group: "limits and timeouts",
    ...seconds(0, HOUR_S),
    doc: "How long answers in progress may take to finish when the proxy stops.",
  },
  ...POLICY_SETTINGS,
  ...SHARED_SETTINGS,
  traceMax: {
    name: "trace_max",
    flag: "--trace-max",
    environment: "CLIPROXY_TRACE_MAX",
    default: "500",
    group: "logs and trace",
    ...wholeNumber(1, 100_000),
    doc: "How many request attempts the proxy remembers for `cdx2 trace`.",
  },
  logMaxBytes: {
    name: "log_max_mb",
    flag: undefined,
    environment: "CLIPROXY_LOG_MAX_MB",
    default: "10",
    group: "logs and trace",
    ...mebibytes(1, 1024),
    doc: "The size at which the service log and the event log each begin a new file.",
  },
  notify: {
    name: "notify",
    flag: undefined,
    environment: "CLIPROXY_NOTIFY",
    default: "",
    group: "logs and trace",
    ...optionalCommand(),
    doc:
      "A command that is run when a key changes its state, the pool is empty or a login is needed. It reads the event as " +
      "JSON on its standard input. No shell reads it.",
  },
};

/** The keys of {@link Settings}, in the order of the rows. */
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly (keyof Settings)[];

/** The groups in the order in which the help and docs/configuration.md list them. */
export const SETTING_GROUPS: readonly SettingGroup[] = [
  "service",
  "gateway",
  "upstream",
  "logins",
  "limits and timeouts",
  "rotation policy",
  "shared pool",
  "logs and trace",
];

/** Each group with the keys of its settings, in the order of the rows. */
export const GROUPED_KEYS: readonly (readonly [SettingGroup, readonly (keyof Settings)[]])[] = SETTING_GROUPS
  .map((group) => [group, SETTING_KEYS.filter((key) => SETTINGS[key].group === group)]);
