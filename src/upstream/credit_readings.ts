/**
 * What the upstream writes about credits in headers of every answer and in events of streams. Field names as measured
 * against the Codex backend; those of the usage page are read in auth/usage.ts.
 * @module
 */

import { type Credits, creditsIn } from "../auth/credits.ts";
import { member } from "../values/json.ts";

/** The credits in the headers `x-codex-credits-has-credits`, `-unlimited` and `-balance`; `undefined` without them. */
export function readCreditHeaders(headers: Headers): Credits | undefined {
  const named = (name: string) => headers.get(`x-codex-credits-${name}`) ?? undefined;
  return creditsIn({
    has_credits: named("has-credits"),
    unlimited: named("unlimited"),
    balance: named("balance"),
  });
}

/** The credits in a `codex.rate_limits` event of a stream; `undefined` when it does not name them. */
export function readCreditEvent(event: unknown): Credits | undefined {
  return creditsIn(member(event, "credits") ?? member(member(event, "rate_limits"), "credits"));
}
