/**
 * What one attempt says about the key that it used: the only thing that a key's health learns from.
 * @module
 */

/** Why a key was judged, for people: shown by `doctor`, kept with the penalty. Holds no secret and no body text. */
export interface Evidence {
  /** The upstream's status; null when the verdict came from inside a stream. */
  readonly status: number | null;
  /** The upstream's own error code where it gave one, else `http_401` and the like. */
  readonly code: string;
  readonly requestId: string;
  readonly atMs: number;
  /** The model that was asked for, where the request told it. */
  readonly model?: string;
}

export type Outcome =
  | { readonly kind: "ok" }
  /**
   * 429. `untilMs` is the time that the upstream named, epoch milliseconds; absent when it named none. `scope` is
   * "model" when the limit is one of a model family, so that the key is good for others.
   */
  | {
    readonly kind: "rate_limited";
    readonly code: string;
    readonly untilMs?: number;
    readonly scope: "key" | "model";
  }
  /** 401, or a 403 about the key. */
  | { readonly kind: "auth_rejected"; readonly code: string }
  /** 5xx, a page from a CDN, a connection that failed, a time-out: not the key's fault. */
  | { readonly kind: "origin_failed"; readonly code: string }
  /** A stream that began and then said that the model is at capacity: not the key's fault either. */
  | { readonly kind: "overloaded"; readonly code: string }
  /** Any other 4xx: the request's fault. `code` is the upstream's name for it, where that matters. */
  | { readonly kind: "client_error"; readonly code?: string }
  | { readonly kind: "client_gone" };

// The account has used up what it may use. A 429 with any other name is a burst, over within seconds.
const QUOTA_CODES = new Set(["usage_limit_reached", "usage_not_included", "insufficient_quota"]);

/** Whether a rate limit of this name is a quota: other keys still have theirs. */
export function isQuotaCode(code: string): boolean {
  return QUOTA_CODES.has(code);
}
