/**
 * How many tokens an answer cost, as the upstream says in its events: the final one of a response, the last chunk of a
 * chat, or any earlier one that tells.
 * @module
 */

import { member } from "../values/json.ts";

/** What has been told so far; `undefined` for what has not. */
export interface TokenCounts {
  /** Read by the model, the cached ones included. */
  readonly input: number | undefined;
  /** Those of them that came from the prompt cache. */
  readonly cached: number | undefined;
  /** Written by the model. */
  readonly output: number | undefined;
}

/** The counts in the outline of an event; `undefined` when it has none. */
export function tokenCountsIn(outline: unknown): TokenCounts | undefined {
  const usage = member(member(outline, "response"), "usage") ?? member(outline, "usage");
  const details = member(usage, "input_tokens_details") ?? member(usage, "prompt_tokens_details");
  const counts = {
    input: countIn(usage, "input_tokens") ?? countIn(usage, "prompt_tokens"),
    cached: countIn(details, "cached_tokens"),
    output: countIn(usage, "output_tokens") ?? countIn(usage, "completion_tokens"),
  };
  return counts.input === undefined && counts.output === undefined ? undefined : counts;
}

function countIn(value: unknown, name: string): number | undefined {
  const number = member(value, name);
  return Number.isSafeInteger(number) && Number(number) >= 0 ? Number(number) : undefined;
}
