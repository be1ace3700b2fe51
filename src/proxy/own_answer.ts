/**
 * What the proxy may answer in the upstream's place.
 * @module
 */

import type { HttpAnswer } from "../system/http.ts";
import type { ClientRequest } from "./client_request.ts";
import type { Refusal } from "./refusal.ts";

/** What the proxy answers by itself; `forward` leaves the request to the upstream. */
export type OwnAnswer =
  | { readonly kind: "forward" }
  | { readonly kind: "answer"; readonly response: HttpAnswer }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Answers some requests in the upstream's place. */
export interface OwnAnswers {
  /** Asked before the body is read. */
  answer(request: ClientRequest): Promise<OwnAnswer>;
  /** Called with the headers of each forwarded answer. */
  noteForwarded(headers: Headers): void;
}
