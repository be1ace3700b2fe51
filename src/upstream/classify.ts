/**
 * The outcome of an attempt, from what the upstream answered. Pure. What a refusal is about is found out in subject.ts;
 * here that becomes what the pool learns.
 * @module
 */

import { isQuotaCode, type Outcome } from "../auth/outcome.ts";
import { type ErrorDetails, errorDetailsIn } from "./error_details.ts";
import { isMoment, resetTimeMs } from "./reset_time.ts";
import { type Finding, subjectOf } from "./subject.ts";
import { limitScope } from "./window_readings.ts";

/** What was asked, as far as the meaning of a refusal depends on it. */
export interface Asked {
  /** A model call (`…/responses`), the only calls for which keys are there. */
  readonly isModelCall: boolean;
  /** The request names something that lives at one account: a response, a file, a conversation. */
  readonly namesAccountState: boolean;
}

/** The head of an answer, and the beginning of its body as text where {@link isRefusal} asks for it. */
export interface AnswerHead {
  /** HTTP status. */
  readonly status: number;
  /** As they came. */
  readonly headers: Headers;
  /** `undefined` where it has not been read. */
  readonly bodyText: string | undefined;
  /** What the body says, for a caller that has read it; absent: it is read here. */
  readonly details?: ErrorDetails | undefined;
}

// Of outages only these tell in their bodies whether another key may do better.
const OVERLOAD_STATUSES = new Set([503, 529]);

/** Statuses whose body says more; only of these it is read before the client sees anything. */
export function isRefusal(status: number): boolean {
  return (status >= 400 && status < 500) || OVERLOAD_STATUSES.has(status);
}

/** The outcome of an answer by its head; `nowMs` and the times in the outcome are of the wall clock. */
export function classify(head: AnswerHead, asked: Asked, nowMs: number): Outcome {
  const { status, headers, bodyText = "" } = head;
  if (status < 400) return { kind: "ok" };
  const details = head.details ?? errorDetailsIn(bodyText);
  const finding = subjectOf({ ...asked, status, headers, details, isPage: isPage(head) });
  return outcomeOf(finding, headers, details, nowMs);
}

/**
 * The outcome of a stream that failed after its status said 200. `details` are of the event that said so, `headers` are
 * those of the answer.
 */
export function classifyFailure(
  details: ErrorDetails,
  { headers, asked }: { readonly headers: Headers; readonly asked: Asked },
  nowMs: number,
): Outcome {
  const finding = subjectOf({ ...asked, status: undefined, headers, details, isPage: false });
  return outcomeOf(finding, headers, details, nowMs);
}

function outcomeOf(
  { about, code }: Finding,
  headers: Headers,
  details: ErrorDetails,
  nowMs: number,
): Outcome {
  switch (about) {
    case "token":
    case "account":
      return { kind: "auth_rejected", code };
    case "quota":
    case "burst": {
      const sources = { headers, details, isQuota: isQuotaCode(code) };
      return {
        kind: "rate_limited",
        code,
        scope: limitScope(headers, details, nowMs),
        untilMs: resetTimeMs(sources, nowMs),
        isMoment: isMoment(sources, nowMs),
      };
    }
    case "model":
      return { kind: "model_refused", code };
    case "other_account":
      return { kind: "other_account", code };
    case "request":
      return { kind: "client_error", code: code.startsWith("http_") ? undefined : code };
    case "overload":
      return { kind: "overloaded", code };
    case "address":
    case "upstream":
      return { kind: "origin_failed", code };
  }
}

// A page of the CDN, or of a gateway, meets every key alike.
function isPage({ headers, bodyText = "" }: AnswerHead): boolean {
  return /\bhtml\b/i.test(headers.get("content-type") ?? "") || /^\s*</.test(bodyText);
}
