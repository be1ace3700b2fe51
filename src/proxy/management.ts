// The management endpoints: who asks is checked by the key, what they ask is answered from the pool, the trace and
// the settings. Field names are the contract; nothing here shows a token.

import type { KeyPool, KeyReport, ResetFilter } from "../auth/rotation.ts";
import type { AuthListing } from "../auth/store.ts";
import type { Policy } from "../auth/key_state.ts";
import type { Fields, Json } from "../observability/event.ts";
import type { TraceStore } from "../observability/trace_store.ts";
import { isSameKey } from "./guard.ts";

export interface ManagementPorts {
  readonly managementKey: string;
  readonly pool: KeyPool;
  readonly policy: Policy;
  readonly trace: TraceStore;
  /** What is the same for the whole run: address, versions, files, settings. */
  readonly about: () => Fields;
  readonly listing: () => AuthListing;
  /** Reads the auth dir anew. */
  readonly refresh: () => Promise<AuthListing>;
  /** Begins to shut down; returns at once. */
  readonly requestShutdown: () => void;
  readonly nowMs: () => number;
}

interface Endpoint {
  readonly method: "GET" | "POST";
  answer(ports: ManagementPorts, query: URLSearchParams): Json | Promise<Json>;
}

/** A question that cannot be answered as it was put; the message is for the person who asked. */
class BadQuery extends Error {}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "/debug": {
    method: "GET",
    answer: ({ about, pool }) => ({ ...about(), auth_count: pool.size }),
  },
  "/trace": {
    method: "GET",
    answer: ({ trace }, query) => {
      const after = query.get("after");
      if (after !== null) return { events: trace.after(wholeNumber("after", after)) };
      return { events: trace.newest(wholeNumber("limit", query.get("limit") ?? "200")) };
    },
  },
  "/health": {
    method: "GET",
    answer: async ({ pool, policy, refresh, nowMs }, query) => {
      if (query.get("refresh") === "1") await refresh();
      const accounts = pool.describe(nowMs()).map((report) => accountView(report, policy, nowMs()));
      return { ok: accounts.some(({ status }) => status === "OK"), accounts };
    },
  },
  "/auth-files": {
    method: "GET",
    answer: ({ listing }) => ({ files: authFiles(listing()) }),
  },
  "/shutdown": {
    method: "POST",
    answer: ({ requestShutdown }) => {
      requestShutdown();
      return { status: "shutting_down" };
    },
  },
  "/reset": {
    method: "POST",
    answer: ({ pool, nowMs }, query) => {
      const filter = resetFilter(query);
      const count = pool.reset(filter, nowMs());
      return { reset: count, filter: { name: filter.file ?? null, state: filter.state ?? null } };
    },
  },
};

export function isManagementPath(path: string): boolean {
  return Object.hasOwn(ENDPOINTS, path);
}

/** Expects a path that {@link isManagementPath} knows. */
export async function answerManagement(
  ports: ManagementPorts,
  request: Request,
  url: URL,
): Promise<Response> {
  const endpoint = ENDPOINTS[url.pathname]!;
  if (!isSameKey(request.headers.get("x-management-key"), ports.managementKey)) {
    return json(401, { error: "unauthorized management request" });
  }
  if (request.method !== endpoint.method) {
    const error = `${url.pathname} answers ${endpoint.method}, not ${request.method}`;
    return json(405, { error }, { allow: endpoint.method });
  }
  try {
    return json(200, await endpoint.answer(ports, url.searchParams));
  } catch (error) {
    if (error instanceof BadQuery) return json(400, { error: error.message });
    throw error;
  }
}

const STATUS_NAMES = {
  ok: "OK",
  probation: "PROBATION",
  cooldown: "COOLDOWN",
  blacklist: "BLACKLIST",
} as const;

/** One key as `/health` and `doctor` show it. Durations in whole seconds, times as ISO 8601. */
export function accountView(report: KeyReport, policy: Policy, nowMs: number) {
  const { record, health, used, errors, lastUsedMs } = report;
  const { state, evidence } = health;
  const untilMs = "untilMs" in state ? state.untilMs : undefined;
  const seconds = untilMs === undefined ? 0 : Math.ceil((untilMs - nowMs) / 1000);
  return {
    file: record.file,
    email: record.email ?? null,
    status: STATUS_NAMES[state.kind],
    cooldown_seconds: state.kind === "cooldown" ? seconds : 0,
    blacklist_seconds: state.kind === "blacklist" ? seconds : 0,
    blacklist_reason: state.kind === "blacklist" ? state.cause : null,
    probation: state.kind === "probation",
    probation_successes: state.kind === "probation" ? state.successes : 0,
    probation_target: policy.trialSuccesses,
    used,
    errors,
    rate_limit_strikes: health.strikes,
    hard_failures: health.hardFailures,
    reason: "cause" in state ? state.cause : null,
    until: untilMs === undefined ? null : isoTime(untilMs),
    evidence: evidence
      ? {
        status: evidence.status,
        code: evidence.code,
        request_id: evidence.requestId,
        at: isoTime(evidence.atMs),
      }
      : null,
    plan: record.plan ?? null,
    token_expires_at: record.expiresAtMs === undefined ? null : isoTime(record.expiresAtMs),
    last_used_at: lastUsedMs === 0 ? null : isoTime(lastUsedMs),
  };
}

function authFiles({ records, rejected }: AuthListing): Json[] {
  const usable = records.map(({ file, email, plan, expiresAtMs }) => ({
    file,
    email: email ?? null,
    plan: plan ?? null,
    token_expires_at: expiresAtMs === undefined ? null : isoTime(expiresAtMs),
    usable: true,
    reason: null,
  }));
  const unusable = rejected.map(({ file, reason }) => ({ file, email: null, usable: false, reason }));
  return [...usable, ...unusable].sort((a, b) => a.file < b.file ? -1 : 1);
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

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new BadQuery(`${name} is "${text}"; allowed is a whole number from 0`);
  return Number(text);
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function json(status: number, body: Json, headers: Record<string, string> = {}): Response {
  // no-transform: some Deno versions would compress the answer.
  return Response.json(body, { status, headers: { "cache-control": "no-store, no-transform", ...headers } });
}
