/**
 * A request of a client on its way to the upstream, and what may be answered in the upstream's place.
 * @module
 */

import type { Refusal } from "./refusal.ts";

/** A request of a client, its body read. */
export interface ClientRequest {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  /** With its question mark; empty when there is none. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly clientIp: string;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
}

/** What the proxy says by itself; `forward` leaves the request to the upstream. */
export type OwnAnswer =
  | { readonly kind: "forward" }
  | { readonly kind: "answer"; readonly response: Response }
  | { readonly kind: "refuse"; readonly refusal: Refusal };
