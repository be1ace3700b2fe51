/**
 * What an answer of the upstream says about the key that asked. Pure: status, headers and, for a refusal, the
 * beginning of its body; or the event with which a stream failed.
 * @module
 */

import { limitScope, namedResetMs } from "../auth/limits.ts";
import { isQuotaCode, type Outcome } from "../auth/outcome.ts";
import { member, parseJson } from "../values/json.ts";

/** The head of an answer, and its body as text where {@link isRefusal} asks for it. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
  readonly bodyText: string | undefined;
}

/** Statuses whose body says more; only of these it is read before the client sees anything. */
export function isRefusal(status: number): boolean {
  return status === 400 || status === 401 || status === 403 || status === 429;
}

/** What another account made cannot be read with this one's key. */
export const FOREIGN_ENCRYPTION = "invalid_encrypted_content";

export function classify(head: AnswerHead, nowMs: number): Outcome {
  const { status, headers } = head;
  if (status < 400) return { kind: "ok" };
  if (status >= 500) return { kind: "origin_failed", code: `http_${status}` };
  if (!isRefusal(status)) return { kind: "client_error" };
  const body = parseJson(head.bodyText ?? "");
  const named = errorCode(member(body, "error"));
  if (status === 400) return { kind: "client_error", ...(named === undefined ? {} : { code: named }) };
  const code = named ?? `http_${status}`;
  if (status === 429) return rateLimited(code, headers, body, nowMs);
  if (status === 403 && isAboutTheConnection(head, code)) {
    return { kind: "origin_failed", code: "blocked_by_cdn" };
  }
  return { kind: "auth_rejected", code };
}

const AUTH_CODE =
  /^(invalid_api_key|invalid_token|token_|account_|unauthorized$|authentication_error$|deactivated)/;
const OVERLOAD_CODES = new Set(["server_is_overloaded", "slow_down", "overloaded_error"]);

/**
 * The outcome of a stream that failed after its status said 200. `event` is the data of the `response.failed` or
 * `error` event, `headers` are those of the answer.
 */
export function classifyFailure(event: unknown, headers: Headers, nowMs: number): Outcome {
  const error = member(member(event, "response"), "error") ?? member(event, "error") ?? event;
  const code = errorCode(error) ?? "response_failed";
  if (isQuotaCode(code) || code === "rate_limit_exceeded") {
    return rateLimited(code, headers, { error }, nowMs);
  }
  if (AUTH_CODE.test(code)) return { kind: "auth_rejected", code };
  return { kind: OVERLOAD_CODES.has(code) ? "overloaded" : "origin_failed", code };
}

function rateLimited(code: string, headers: Headers, body: unknown, nowMs: number): Outcome {
  const untilMs = namedResetMs(headers, body, nowMs);
  const scope = limitScope(headers, body, nowMs);
  return { kind: "rate_limited", code, scope, ...(untilMs === undefined ? {} : { untilMs }) };
}

// A challenge page of the CDN, or a region that is not served, meets every key alike.
function isAboutTheConnection({ headers, bodyText }: AnswerHead, code: string): boolean {
  return headers.has("cf-mitigated") ||
    /\bhtml\b/i.test(headers.get("content-type") ?? "") ||
    /^\s*</.test(bodyText ?? "") ||
    code === "unsupported_country_region_territory";
}

// Only names travel into states and logs: never the upstream's prose, nor a token that it gives back. A name is words
// alone; a token has digits or capitals too.
const NAME = /^(?=.{1,64}$)[a-z]+(?:[_.][a-z]+)*$/;

function errorCode(error: unknown): string | undefined {
  return [member(error, "code"), member(error, "type"), error].find((name): name is string =>
    typeof name === "string" && NAME.test(name)
  );
}
