// What one attempt says about the key that it used: the only thing that a key's health learns from.

/** Why a key was judged, for people: shown by `doctor`, kept with the penalty. Holds no secret and no body text. */
export interface Evidence {
  /** The upstream's status; null when the verdict came from inside a stream. */
  readonly status: number | null;
  /** The upstream's own error code where it gave one, else `http_401` and the like. */
  readonly code: string;
  readonly requestId: string;
  readonly atMs: number;
}

export type Outcome =
  | { readonly kind: "ok" }
  /** 429. `untilMs` is the time that the upstream named, epoch milliseconds; absent when it named none. */
  | { readonly kind: "rate_limited"; readonly code: string; readonly untilMs?: number }
  /** 401, or a 403 about the key. */
  | { readonly kind: "auth_rejected"; readonly code: string }
  /** 5xx, a page from a CDN, a connection that failed, a time-out: not the key's fault. */
  | { readonly kind: "origin_failed"; readonly code: string }
  /** Any other 4xx: the request's fault. */
  | { readonly kind: "client_error" }
  | { readonly kind: "client_gone" };
