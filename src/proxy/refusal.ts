/**
 * The answers that the proxy gives by itself. A person reads their messages in the client that they use, so each
 * says what happened and what to type.
 * @module
 */

import type { KeyReport } from "../auth/key_report.ts";
import type { RefusalBody, RefusalType } from "../api/refusal.ts";
import type { ProxyEvent } from "../observability/event.ts";

/** An answer of the proxy's own, before it is a Response. */
export interface Refusal {
  readonly status: number;
  /** For `error.type` and the event log. */
  readonly type: RefusalType;
  readonly message: string;
  readonly retryAfterS?: number;
  /** When a key is free again, epoch seconds. */
  readonly resetsAtS?: number;
}

export function toResponse(refusal: Refusal, requestId: string): Response {
  const { status, type, message, retryAfterS, resetsAtS } = refusal;
  const limit = resetsAtS === undefined ? {} : { resets_at: resetsAtS, resets_in_seconds: retryAfterS ?? 0 };
  const headers = new Headers({
    "content-type": "application/json",
    // Without it, some Deno versions compress what the client accepts compressed.
    "cache-control": "no-store, no-transform",
    "x-cdx2-request-id": requestId,
  });
  if (retryAfterS !== undefined) headers.set("retry-after", String(retryAfterS));
  return new Response(JSON.stringify({ error: { type, message, ...limit } } satisfies RefusalBody), {
    status,
    headers,
  });
}

/** The request that is refused, as far as the event log tells of it. */
export interface Refused {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly clientIp: string;
}

const NO_KEY_TYPES: ReadonlySet<RefusalType> = new Set(["usage_limit_reached", "no_usable_keys", "no_keys"]);

/** What the logs say of a refusal. */
export function refusalEvent(
  refusal: Refusal,
  { requestId, method, path, clientIp }: Refused,
  atMs: number,
): ProxyEvent<"proxy.refused" | "auth.pool_exhausted"> {
  const { status, type, message } = refusal;
  const fields = { request_id: requestId, status, type, method, path, client_ip: clientIp };
  const event = NO_KEY_TYPES.has(type) ? "auth.pool_exhausted" : "proxy.refused";
  return { atMs, level: "warning", event, message, fields };
}

/** What a client that cannot be given a key is told, and why there is none. */
export interface PoolExhaustion {
  readonly reports: readonly KeyReport[];
  /** The model asked for; some keys may be limited for this one alone. */
  readonly model: string | undefined;
  readonly authDir: string;
  /** Codex prints a 400 and stops; a 503 it repeats thirty times without a word. */
  readonly isCodex: boolean;
}

export function poolExhausted({ reports, model, authDir, isCodex }: PoolExhaustion, nowMs: number): Refusal {
  const dead = isCodex ? 400 : 503;
  if (reports.length === 0) {
    const message = `cdx2 has no usable key: no auth file in ${authDir} holds one. ` +
      `Add one with "cdx2 auth import", then look at "cdx2 doctor".`;
    return { status: dead, type: "no_keys", message };
  }
  const freeAtMs = reports.flatMap(({ health: { state, modelLimits } }) => {
    const limits = modelLimits.filter((limit) => limit.model === model);
    return [...(state.kind === "cooldown" ? [state] : []), ...limits].map(({ untilMs }) => untilMs);
  });
  const message = `cdx2 has no usable key: ${
    countsInWords(reports)
  }. Type "cdx2 doctor" to see each key and its cause.`;
  if (freeAtMs.length === 0 && reports.every(({ health }) => isOut(health.state.kind))) {
    return { status: dead, type: "no_usable_keys", message };
  }
  // A key that recovered while this request was trying the others is as good as back.
  const earliestMs = freeAtMs.length > 0 ? Math.min(...freeAtMs) : nowMs;
  const retryAfterS = Math.max(1, Math.ceil((earliestMs - nowMs) / 1000));
  const resetsAtS = Math.ceil(nowMs / 1000) + retryAfterS;
  return { status: 429, type: "usage_limit_reached", message, retryAfterS, resetsAtS };
}

function isOut(kind: string): boolean {
  return kind === "blacklist" || kind === "probation";
}

// "3 keys: 1 cooling down (usage_limit_reached), 2 ejected (http_401, token_revoked)"
function countsInWords(reports: readonly KeyReport[]): string {
  const words: string[] = [];
  for (
    const [kind, word] of [["cooldown", "cooling down"], ["blacklist", "ejected"], ["probation", "on trial"]]
  ) {
    const causes = reports.flatMap(({ health: { state } }) =>
      state.kind === kind && "cause" in state ? [state.cause] : []
    );
    if (causes.length > 0) words.push(`${causes.length} ${word} (${[...new Set(causes)].join(", ")})`);
  }
  const keys = reports.length === 1 ? "1 key" : `${reports.length} keys`;
  return words.length > 0 ? `${keys}: ${words.join(", ")}` : `${keys}, all tried`;
}

export function noAnswer(why: { isTimeout: boolean; reason: string; origin: string }): Refusal {
  const { isTimeout, reason, origin } = why;
  return {
    status: isTimeout ? 504 : 502,
    type: isTimeout ? "upstream_timeout" : "upstream_unreachable",
    message: `cdx2 got no answer from ${origin}: ${reason}`,
  };
}

// Codex comes back after this time, up to five times, and by then mostly gets through.
const BURST_RETRY_S = 3;

/** Two keys met a limit that is over within seconds; the others are spared. */
export function briefLimit(code: string): Refusal {
  const message =
    `the upstream limits requests for the moment (${code}), with one key as with another; try again`;
  return { status: 429, type: "rate_limit_exceeded", message, retryAfterS: BURST_RETRY_S };
}

/** Every key was refused in the same way at the same time. */
export function refusedAlike(status: number): Refusal {
  const message =
    `the upstream refuses every key of cdx2 alike (status ${status}), so it is not about the keys; try again later`;
  return { status: 503, type: "upstream_refuses_all", message };
}

export function bodyTooLarge(maxBytes: number): Refusal {
  const limit = `${maxBytes / 1024 / 1024} MiB`;
  const message =
    `the request body is larger than cdx2 forwards (${limit}); CLIPROXY_BODY_LIMIT_MB raises the limit`;
  return { status: 413, type: "request_too_large", message };
}

export function notForwardable(reason: string): Refusal {
  return { status: 400, type: "not_forwardable", message: `cdx2 cannot forward this request: ${reason}` };
}

export function forbidden(reason: string): Refusal {
  return { status: 403, type: "forbidden", message: `cdx2 refuses this request: ${reason}` };
}

export const SHUTTING_DOWN: Refusal = {
  status: 503,
  type: "shutting_down",
  message: "cdx2 is shutting down and takes no new requests",
};

/** Codex then goes on over HTTP at once; every other status costs it seconds of retries. */
export const NO_WEBSOCKET: Refusal = {
  status: 426,
  type: "upgrade_refused",
  message: "cdx2 does not speak WebSocket; use HTTP",
};

/** Each key of the pool was asked what it has used, and none answered. */
export const USAGE_UNKNOWN: Refusal = {
  status: 503,
  type: "usage_unknown",
  message: 'cdx2 could not ask any key for its usage. Type "cdx2 doctor" to see each key and its cause.',
};
