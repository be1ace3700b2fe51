/**
 * The management endpoints as functions: all that the commands know of a running proxy. Answers are read as
 * received.ts says, so proxies of other versions can be asked, and another program on the port ends as a result and
 * not as a crash.
 * @module
 */

import { unbracketed } from "../config/address.ts";
import { parseJson } from "../values/json.ts";
import type { Secret } from "../values/secret.ts";
import { type Clock, withDeadline } from "../system/clock.ts";
import type { Send } from "../system/http.ts";
import type { PlainAnswer, PlainGet } from "../system/plain_get.ts";
import type { AuthFiles } from "./auth_files.ts";
import { type Debug, debug } from "./debug.ts";
import { managementError } from "./error.ts";
import type { JsonType, ValueOf } from "./json_types.ts";
import type { Health } from "./health.ts";
import { type Received, received } from "./received.ts";
import { type PoolHome, poolHome } from "./pool_home.ts";
import type { PoolUsage } from "./pool_usage.ts";
import { type Reset, reset } from "./reset.ts";
import { type Shutdown, shutdown } from "./shutdown.ts";
import type { Trace } from "./trace.ts";
import type { Usage } from "./usage.ts";
import { latencyText } from "../values/durations.ts";

/** What became of a question to the proxy. */
export type Result<T> =
  | { readonly kind: "answer"; readonly value: T }
  /** It wants another management key. */
  | { readonly kind: "unauthorized" }
  /** Nothing came in time. `reason` is a few words. */
  | { readonly kind: "unreachable"; readonly reason: string }
  /** The answer is not one that this endpoint gives. `reason` is a few words. */
  | { readonly kind: "unexpected"; readonly reason: string };

/** One function for each management endpoint. None of them throws: see {@link Result}. */
export interface ManagementClient {
  /** Which proxy this is, and what it was started with. */
  debug(): Promise<Result<Received<Debug>>>;
  /** The keys and their states. `refresh`: the proxy reads the auth dir again first. */
  health(options?: { refresh?: boolean }): Promise<Result<Received<Health>>>;
  /**
   * The newest `limit` attempts, or those after the attempt with an id. With `waitS`, the proxy waits for one, up to
   * this number of seconds; with `live` also until what is running differs from this version of it.
   */
  trace(
    query: { limit: number } | { after: number; waitS?: number; live?: number | undefined },
  ): Promise<Result<Received<Trace>>>;
  /** The auth dir as the proxy last read it. */
  authFiles(): Promise<Result<Received<AuthFiles>>>;
  /** Asks the proxy to shut down; it answers before it ends. */
  shutdown(): Promise<Result<Received<Shutdown>>>;
  /** Ends penalties: those of the key `name`, those of keys in `state`, or without a filter all. */
  reset(filter: { name?: string | undefined; state?: string | undefined }): Promise<Result<Received<Reset>>>;
  /** Makes the proxy the home of a key's login; `isForced`: also when its home is off. */
  moveHome(name: string, isForced: boolean): Promise<Result<Received<PoolHome>>>;
  /** What was used, with the names of the keys as in metrics. */
  usage(query: { readonly days: number; readonly by: string }): Promise<Result<Received<Usage>>>;
  /** What all members of its shared pool have used. */
  poolUsage(query: { readonly days: number; readonly by: string }): Promise<Result<Received<PoolUsage>>>;
  /** Prometheus text. */
  metrics(): Promise<Result<string>>;
}

/** What a client needs. */
export interface ClientOptions {
  /** How requests reach the proxy. */
  readonly send: Send;
  /** A quicker way for questions that are answered at once, where the proxy is on this machine; absent: there is none. */
  readonly plainGet?: PlainGet | undefined;
  /** For the timeout. */
  readonly clock: Clock;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** `undefined`: asks without one, and the answer is `unauthorized`. */
  readonly managementKey: Secret | undefined;
  /** For the whole of an answer. Absent: what is enough for a proxy on this machine. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 2_000;
// As long as the proxy waits for the member that is the home.
const MAX_MOVE_S = 25;
// Three months of many members.
const MAX_COUNTERS_S = 8;

/** Makes a client of the proxy at `baseUrl`; asks nothing yet. */
export function createManagementClient(options: ClientOptions): ManagementClient {
  const get = <T>(path: string, reader: Reader<T>, waitS = 0) =>
    ask(options, { method: "GET", path, reader, waitS });
  const post = <T>(path: string, reader: Reader<T>, waitS = 0) =>
    ask(options, { method: "POST", path, reader, waitS });
  return {
    debug: () => get("/debug", page(() => debug)),
    health: ({ refresh } = {}) => get(refresh ? "/health?refresh=1" : "/health", page(PAGES.health)),
    trace: (query) => {
      if (!("waitS" in query) || query.waitS === undefined) {
        return get(`/trace${queryOf(query)}`, page(PAGES.trace));
      }
      const { after, waitS: wait, live } = query;
      return get(`/trace${queryOf({ after, wait, live })}`, page(PAGES.trace), wait);
    },
    authFiles: () => get("/auth-files", page(PAGES.authFiles)),
    shutdown: () => post("/shutdown", page(() => shutdown)),
    reset: (filter) => post(`/reset${queryOf(filter)}`, page(() => reset)),
    moveHome: (name, isForced) =>
      post(
        `/pool-home${queryOf({ name, force: isForced ? 1 : undefined })}`,
        page(() => poolHome),
        MAX_MOVE_S,
      ),
    usage: ({ days, by }) => get(`/usage${queryOf({ days, by })}`, page(PAGES.usage)),
    poolUsage: ({ days, by }) =>
      get(`/pool-usage${queryOf({ days, by })}`, page(PAGES.poolUsage), MAX_COUNTERS_S),
    metrics: () => get("/metrics", () => (text) => text),
  };
}

/** Pages that most commands do not ask for; their declarations are loaded while the answer comes. */
const PAGES = {
  health: async () => (await import("./health.ts")).health,
  trace: async () => (await import("./trace.ts")).trace,
  authFiles: async () => (await import("./auth_files.ts")).authFiles,
  usage: async () => (await import("./usage.ts")).usage,
  poolUsage: async () => (await import("./pool_usage.ts")).poolUsage,
};

/** `undefined` when the text is not what the endpoint answers. */
type Read<T> = (text: string) => T | undefined;
type Reader<T> = () => Read<T> | Promise<Read<T>>;

function page<T extends JsonType>(type: () => T | Promise<T>): Reader<Received<ValueOf<T>>> {
  return async () => {
    const loaded = await type();
    return (text) => received(loaded, parseJson(text));
  };
}

function queryOf(fields: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? "" : `?${query}`;
}

interface Question<T> {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  readonly reader: Reader<T>;
  /** How long the proxy may wait before it answers. */
  readonly waitS: number;
}

async function ask<T>(options: ClientOptions, question: Question<T>): Promise<Result<T>> {
  const { clock, timeoutMs: forAnswerMs = TIMEOUT_MS } = options;
  const timeoutMs = forAnswerMs + question.waitS * 1000;
  try {
    const result = await withDeadline(clock, timeoutMs, async (signal) => {
      const reading = question.reader();
      const { status, text } = await plainAnswerTo(options, question, signal) ??
        await answerTo(options, question, signal);
      return resultOf(status, text, await reading);
    });
    return result ?? { kind: "unreachable", reason: `no answer within ${latencyText(timeoutMs)}` };
  } catch (error) {
    return { kind: "unreachable", reason: error instanceof Error ? error.message : String(error) };
  }
}

// A URL does not name it.
const HTTP_PORT = 80;

/** `undefined` where it takes the other way to know the answer, or why there is none. */
async function plainAnswerTo(
  { plainGet, baseUrl, managementKey }: ClientOptions,
  { method, path, waitS }: Question<unknown>,
  signal: AbortSignal,
): Promise<PlainAnswer | undefined> {
  if (plainGet === undefined || method !== "GET" || waitS > 0) return undefined;
  const { hostname, port, host: authority } = new URL(baseUrl);
  const headers = keyHeader(managementKey);
  return await plainGet({
    hostname: unbracketed(hostname),
    port: Number(port || HTTP_PORT),
    authority,
    path,
    headers,
    signal,
  });
}

async function answerTo(
  { send, baseUrl, managementKey }: ClientOptions,
  { method, path }: Question<unknown>,
  signal: AbortSignal,
): Promise<PlainAnswer> {
  const headers = new Headers(keyHeader(managementKey));
  const response = await send({ url: baseUrl + path, method, headers, signal });
  return { status: response.status, text: await response.text() };
}

function keyHeader(managementKey: Secret | undefined): Readonly<Record<string, string>> {
  return managementKey ? { "x-management-key": managementKey.reveal() } : {};
}

// What is said of an answer that says nothing itself.
const OTHER_STATUS = "it answered with status ";
const NOT_OURS = "its answer is not that of a cdx2 proxy";

function resultOf<T>(status: number, text: string, read: Read<T>): Result<T> {
  if (status === 401) return { kind: "unauthorized" };
  if (status !== 200) {
    return { kind: "unexpected", reason: errorText(text) ?? OTHER_STATUS + status };
  }
  const value = read(text);
  if (value === undefined) return { kind: "unexpected", reason: NOT_OURS };
  return { kind: "answer", value };
}

/** Whether the reason of an unexpected answer is ours, since the answer named none: perhaps no cdx2 gave it. */
export function isOurReason(reason: string): boolean {
  return reason === NOT_OURS || reason.startsWith(OTHER_STATUS);
}

function errorText(text: string): string | undefined {
  return received(managementError, parseJson(text))?.error;
}
