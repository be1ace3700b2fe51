/**
 * `GET /pool-usage?days=&by=`: what all members of a shared pool have used. `cdx2 usage --pool --json` prints the same.
 * @module
 */

import { always, count, field, list, needed, object, oneOf, text, type ValueOf } from "./json_types.ts";

/** What the rows can be about. */
export const POOL_USAGE_GROUPS = ["key", "day", "member"] as const;
/** One of them. */
export type PoolUsageGroup = typeof POOL_USAGE_GROUPS[number];

const FIGURES = {
  requests: field(count, "requests that were answered"),
  input_tokens: field(count, "tokens that models read, the cached ones included"),
  cached_tokens: field(count, "those of them that came from the prompt cache"),
  output_tokens: field(count, "tokens that models wrote"),
};

/** The answer of `GET /pool-usage`. */
export const poolUsage = object({
  ok: needed(always(true), "always true"),
  by: field(oneOf(...POOL_USAGE_GROUPS), "what the rows are about"),
  from_day: needed(text, "the first day"),
  to_day: field(text, "the last day: today"),
  members: field(count, "how many members have used something"),
  total: needed(object(FIGURES), "of all rows together"),
  rows: needed(
    list(object({
      name: needed(
        text,
        "the key, as this member calls it or else as one that has it does; the day, in the local time of each member; or the member",
      ),
      ...FIGURES,
    })),
    "those with most tokens first; days in their order",
  ),
});
/** The answer of `GET /pool-usage`. */
export type PoolUsage = ValueOf<typeof poolUsage>;
