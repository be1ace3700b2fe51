/**
 * What one attempt at the upstream says: the only thing that a key's health learns from, and beside it one table with
 * what each kind of outcome means to the rest of the program.
 * @module
 */

/** Why a key was judged, for display: shown by `doctor`, kept with the penalty. Holds no secret and no body text. */
export interface Evidence {
  /** The upstream's status; null when the verdict came from inside a stream. */
  readonly status: number | null;
  /** The upstream's own error code where it gave one, else `http_401` and the like. */
  readonly code: string;
  /** The id of the client's request, as in the trace. */
  readonly requestId: string;
  /** When the verdict came, epoch milliseconds. */
  readonly atMs: number;
  /** The model that was asked for; `undefined` when the request did not name one. */
  readonly model: string | undefined;
}

/** What an attempt says about its key, the request, the upstream or the client. `kind` is a wire name. */
export type Outcome =
  | { readonly kind: "ok" }
  /**
   * A quota or a burst. `untilMs` is the time that the upstream named, epoch milliseconds; `undefined` when it named
   * none. `isMoment` when it named a time of day, which the wall clock has to reach; else it named a duration. `scope` is
   * "model" when the limit is one of a model family, so that the key is good for others.
   */
  | {
    readonly kind: "rate_limited";
    readonly code: string;
    readonly untilMs: number | undefined;
    readonly isMoment: boolean;
    readonly scope: "key" | "model";
  }
  /** The token or its account is refused, whatever is asked of it. */
  | { readonly kind: "auth_rejected"; readonly code: string }
  /** This account may not use the model that was asked for; another one may. */
  | { readonly kind: "model_refused"; readonly code: string }
  /** The request names something that lives at another account: a response, a file, encrypted reasoning. */
  | { readonly kind: "other_account"; readonly code: string }
  /** 5xx, a page from a CDN, a connection that failed, a timeout: not the key's fault. */
  | { readonly kind: "origin_failed"; readonly code: string }
  /** The upstream says that it or the model is at capacity: not the key's fault either, but another key may have luck. */
  | { readonly kind: "overloaded"; readonly code: string }
  /** Any other 4xx: the request's fault. `code` is the upstream's name for it; `undefined` when it gave none. */
  | { readonly kind: "client_error"; readonly code: string | undefined }
  /** The client disconnected before there was a verdict. */
  | { readonly kind: "client_gone" };

/** What a kind of outcome means, apart from what it does to the key's health (key_state.ts). */
export interface OutcomeMeaning {
  /** The level of the event that reports the attempt. */
  readonly level: "info" | "warning";
  /** It counts among the `errors` of the key. */
  readonly isError: boolean;
  /** Another key may do better, so long as the client has seen nothing of the answer. */
  readonly isWorthAnotherKey: boolean;
  /** It says something about the key itself, not about the request, the upstream or the client. */
  readonly isAboutTheKey: boolean;
}

/** One row for each kind of outcome: a new kind does not compile without one. */
export const OUTCOME_MEANINGS: Readonly<Record<Outcome["kind"], OutcomeMeaning>> = {
  ok: { level: "info", isError: false, isWorthAnotherKey: false, isAboutTheKey: true },
  rate_limited: { level: "warning", isError: true, isWorthAnotherKey: true, isAboutTheKey: true },
  auth_rejected: { level: "warning", isError: true, isWorthAnotherKey: true, isAboutTheKey: true },
  model_refused: { level: "warning", isError: false, isWorthAnotherKey: true, isAboutTheKey: false },
  other_account: { level: "warning", isError: false, isWorthAnotherKey: true, isAboutTheKey: false },
  origin_failed: { level: "warning", isError: true, isWorthAnotherKey: false, isAboutTheKey: false },
  overloaded: { level: "warning", isError: true, isWorthAnotherKey: true, isAboutTheKey: false },
  client_error: { level: "warning", isError: false, isWorthAnotherKey: false, isAboutTheKey: false },
  client_gone: { level: "warning", isError: false, isWorthAnotherKey: false, isAboutTheKey: false },
};

/** The row of an outcome in {@link OUTCOME_MEANINGS}. */
export function meaningOf({ kind }: Outcome): OutcomeMeaning {
  return OUTCOME_MEANINGS[kind];
}

/** Whether a text names a kind of outcome. */
export function isOutcomeKind(name: unknown): name is Outcome["kind"] {
  return typeof name === "string" && Object.hasOwn(OUTCOME_MEANINGS, name);
}

// The account has used up what it may use. A limit with any other name is a burst, over within seconds.
const QUOTA_CODES: ReadonlySet<string> = new Set([
  "usage_limit_reached",
  "usage_limit_exceeded",
  "usage_not_included",
  "insufficient_quota",
  "quota_exceeded",
  "workspace_member_usage_limit_reached",
  "workspace_owner_usage_limit_reached",
  "billing_hard_limit_reached",
  "insufficient_credits",
  "credits_exhausted",
]);

/** Whether a rate limit of this name is a quota: other keys still have theirs. */
export function isQuotaCode(code: string): boolean {
  return QUOTA_CODES.has(code);
}

/** Whether an outcome is a limit that ends within seconds. */
export function isBurst(outcome: Outcome): boolean {
  return outcome.kind === "rate_limited" && !isQuotaCode(outcome.code);
}

const MODEL_CODES =
  /^(?:model_(?:not_(?:found|supported|available|allowed|enabled|included)|access_denied|unavailable|unsupported|gated)|unsupported_model|invalid_model)$/;

/** Whether a refusal of this name says that the account may not use the model. */
export function isModelCode(code: string): boolean {
  return MODEL_CODES.test(code);
}
