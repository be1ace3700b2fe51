// What an answer of the upstream says about the key that asked. Pure: status, headers and, for a refusal, the
// beginning of its body.

import { namedResetMs } from "../auth/limits.ts";
import type { Outcome } from "../auth/outcome.ts";
import { member, parseJson } from "../config/json.ts";

/** The head of an answer, and its body as text where {@link isRefusal} asks for it. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
  readonly bodyText?: string;
}

/** Statuses that may be the key's fault; only of these the body is read before the client sees anything. */
export function isRefusal(status: number): boolean {
  return status === 401 || status === 403 || status === 429;
}

export function classify(head: AnswerHead, nowMs: number): Outcome {
  const { status, headers } = head;
  if (status < 400) return { kind: "ok" };
  if (status >= 500) return { kind: "origin_failed", code: `http_${status}` };
  if (!isRefusal(status)) return { kind: "client_error" };
  const body = parseJson(head.bodyText ?? "");
  const code = errorCode(body) ?? `http_${status}`;
  if (status === 429) {
    const untilMs = namedResetMs(headers, body, nowMs);
    return untilMs === undefined ? { kind: "rate_limited", code } : { kind: "rate_limited", code, untilMs };
  }
  if (status === 403 && isAboutTheConnection(head, code)) {
    return { kind: "origin_failed", code: "blocked_by_cdn" };
  }
  return { kind: "auth_rejected", code };
}

// A challenge page of the CDN, or a region that is not served, meets every key alike.
function isAboutTheConnection({ headers, bodyText }: AnswerHead, code: string): boolean {
  return headers.has("cf-mitigated") ||
    /\bhtml\b/i.test(headers.get("content-type") ?? "") ||
    /^\s*</.test(bodyText ?? "") ||
    code === "unsupported_country_region_territory";
}

// Only names travel into states and logs, never the upstream's prose.
function errorCode(body: unknown): string | undefined {
  const error = member(body, "error");
  return [member(error, "code"), member(error, "type"), error].find((name): name is string =>
    typeof name === "string" && /^[a-z][a-z0-9_.-]{0,63}$/i.test(name)
  );
}
