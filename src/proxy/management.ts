/**
 * The management endpoints: checks the management key, then answers from the pool, the trace and the settings. What
 * each page holds is declared in src/api/; nothing here shows a token.
 * @module
 */

import { hasUsableKey } from "../auth/choice.ts";
import type { ResetFilter } from "../auth/pool_entry.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { AuthListing } from "../auth/store.ts";
import type { Policy } from "../config/policy.ts";
import type { Json } from "../values/json.ts";
import { CONTENT_TYPE as METRICS_TYPE } from "../observability/prometheus.ts";
import type { LiveRequests } from "../observability/live_requests.ts";
import type { TraceStore } from "../observability/trace_store.ts";
import type { Clock } from "../system/clock.ts";
import type { HttpRequest } from "../system/exchange.ts";
import { authFileList } from "../api/auth_file_list.ts";
import type { AuthFiles } from "../api/auth_files.ts";
import type { Debug } from "../api/debug.ts";
import type { ManagementError } from "../api/error.ts";
import type { Health } from "../api/health.ts";
import type { PoolHome } from "../api/pool_home.ts";
import { POOL_USAGE_GROUPS, type PoolUsage, type PoolUsageGroup } from "../api/pool_usage.ts";
import type { Reset } from "../api/reset.ts";
import type { Shutdown } from "../api/shutdown.ts";
import { type Usage, USAGE_GROUPS, type UsageGroup } from "../api/usage.ts";
import { accountsNow } from "./account_view.ts";
import type { KeyVerdict } from "./wrong_keys.ts";
import { BadQuery, usageQuery, type UsageQueryBy } from "./query.ts";
import { traceAnswer } from "./trace_answer.ts";
import { timeLeftText } from "../values/durations.ts";

/** What the endpoints answer from. */
export interface ManagementPorts {
  /** What the header `X-Management-Key` has to hold. */
  readonly managementKey: string;
  /** The keys. */
  readonly pool: KeyPool;
  /** The rotation policy in force. */
  readonly policy: Policy;
  /** The newest attempts. */
  readonly trace: TraceStore;
  /** What is running at this moment. */
  readonly live: LiveRequests;
  /** Prometheus text. */
  readonly metrics: () => string;
  /** The part of `/debug` that does not depend on the keys. */
  readonly about: () => Omit<Debug, "auth_count">;
  /** The auth dir as it was last read. */
  readonly listing: () => AuthListing;
  /** Called when somebody asks for the states of the keys. */
  readonly noteAsked: () => void;
  /** Reads the auth dir again. */
  readonly refresh: () => Promise<AuthListing>;
  /** The report on the usage history; `undefined` when that cannot be read. */
  readonly usage: (query: UsageQueryBy<UsageGroup>) => Promise<Usage | undefined>;
  /** What all members of the shared pool have used; text: why that cannot be told. */
  readonly poolUsage: (query: UsageQueryBy<PoolUsageGroup>) => Promise<PoolUsage | string>;
  /** Makes this proxy the home of a key's login in the shared pool. */
  readonly moveHome: (file: string, isForced: boolean) => Promise<PoolHome>;
  /** Begins to shut down; returns at once. */
  readonly requestShutdown: () => void;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** For answers that wait for an attempt. */
  readonly sleep: Clock["sleep"];
}

interface Endpoint {
  readonly method: "GET" | "POST";
  /** A value becomes JSON. `disconnected` aborts when the client disconnects. */
  answer(
    ports: ManagementPorts,
    query: URLSearchParams,
    disconnected: AbortSignal,
  ): Json | Response | Promise<Json | Response>;
}

// no-transform: some Deno versions would compress the answer.
const UNCHANGED = { "cache-control": "no-store, no-transform" };

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "/debug": {
    method: "GET",
    answer: ({ about, pool }) => ({ ...about(), auth_count: pool.size }) satisfies Debug,
  },
  "/trace": {
    method: "GET",
    answer: traceAnswer,
  },
  "/health": {
    method: "GET",
    answer: async ({ pool, policy, about, refresh, noteAsked, nowMs }, query) => {
      if (query.get("refresh") === "1") await refresh();
      noteAsked();
      const { reports, wallMs, accounts } = accountsNow({ pool, policy, nowMs: nowMs() });
      const { running_requests } = about();
      return { ok: hasUsableKey(reports, wallMs), running_requests, accounts } satisfies Health;
    },
  },
  "/auth-files": {
    method: "GET",
    answer: ({ listing, pool, nowMs }) =>
      ({ files: authFileList(listing(), nowMs() + pool.wall.aheadMs) }) satisfies AuthFiles,
  },
  "/metrics": {
    method: "GET",
    answer: ({ metrics }) =>
      new Response(metrics(), { headers: { ...UNCHANGED, "content-type": METRICS_TYPE } }),
  },
  "/usage": {
    method: "GET",
    answer: async ({ usage }, query) =>
      await usage(usageQuery(query, USAGE_GROUPS)) ??
        errorResponse(503, "the usage history cannot be read"),
  },
  "/pool-usage": {
    method: "GET",
    answer: async ({ poolUsage }, query) => {
      const page = await poolUsage(usageQuery(query, POOL_USAGE_GROUPS));
      return typeof page === "string" ? errorResponse(503, page) : page;
    },
  },
  "/shutdown": {
    method: "POST",
    answer: ({ requestShutdown }) => {
      requestShutdown();
      return { status: "shutting_down" } satisfies Shutdown;
    },
  },
  "/pool-home": {
    method: "POST",
    answer: async ({ moveHome }, query) => {
      const name = query.get("name");
      if (name === null) throw new BadQuery("name has to be that of a key's file");
      return await moveHome(name, query.get("force") === "1");
    },
  },
  "/reset": {
    method: "POST",
    answer: ({ pool, nowMs }, query) => {
      const filter = resetFilter(query);
      const files = pool.reset(filter, nowMs());
      return {
        reset: files.length,
        files,
        filter: { name: filter.file ?? null, state: filter.state ?? null },
      } satisfies Reset;
    },
  },
};

/** Whether an endpoint has exactly this path. */
export function isManagementPath(path: string): boolean {
  return Object.hasOwn(ENDPOINTS, path);
}

/**
 * Answers a request for an endpoint: its path has to be one that {@link isManagementPath} knows. `verdict` is about the
 * management key that it presents.
 */
export async function answerManagement(
  ports: ManagementPorts,
  request: Pick<HttpRequest, "method" | "signal">,
  { url, verdict }: { readonly url: URL; readonly verdict: KeyVerdict },
): Promise<Response> {
  const endpoint = ENDPOINTS[url.pathname]!;
  if (verdict.kind === "wrong") return errorResponse(401, "unauthorized management request");
  if (verdict.kind === "wait") {
    const afterS = String(Math.ceil(verdict.waitMs / 1000));
    const wait = timeLeftText(verdict.waitMs);
    const error = `too many wrong management keys from this address; it looks at the next one in ${wait}`;
    return errorResponse(429, error, { "retry-after": afterS });
  }
  if (request.method !== endpoint.method) {
    const error = `${url.pathname} answers ${endpoint.method}, not ${request.method}`;
    return errorResponse(405, error, { allow: endpoint.method });
  }
  try {
    const answer = await endpoint.answer(ports, url.searchParams, request.signal);
    return answer instanceof Response ? answer : json(200, answer);
  } catch (error) {
    if (error instanceof BadQuery) return errorResponse(400, error.message);
    throw error;
  }
}

function resetFilter(query: URLSearchParams): ResetFilter {
  const file = query.get("name");
  const state = query.get("state");
  if (
    state !== null && state !== "" && state !== "blacklist" && state !== "cooldown" && state !== "probation"
  ) {
    throw new BadQuery(`state is "${state}"; allowed are blacklist, cooldown and probation`);
  }
  return { ...(file ? { file } : {}), ...(state ? { state } : {}) };
}

function errorResponse(status: number, error: string, headers?: Record<string, string>): Response {
  return json(status, { error } satisfies ManagementError, headers);
}

function json(status: number, body: Json, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { ...UNCHANGED, ...headers } });
}
