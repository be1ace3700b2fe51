/**
 * What a client is told when the proxy itself answers its request. Only `message` is for people: clients print it.
 * @module
 */

import { field, integer, needed, object, oneOf, optional, text, type ValueOf } from "./json_types.ts";

/** The values of `error.type`; cli.md explains each. */
export const REFUSAL_TYPES = [
  "client_key_needed",
  "forbidden",
  "internal_error",
  "no_keys",
  "no_such_page",
  "no_usable_keys",
  "not_forwardable",
  "overloaded",
  "rate_limit_exceeded",
  "request_timeout",
  "request_too_large",
  "shutting_down",
  "too_many_attempts",
  "too_many_wrong_keys",
  "unknown_key",
  "upgrade_refused",
  "upstream_refuses_all",
  "upstream_refuses_request",
  "upstream_timeout",
  "upstream_unreachable",
  "usage_limit_reached",
  "usage_unknown",
] as const;
/** A value of `error.type`. */
export type RefusalType = typeof REFUSAL_TYPES[number];

/** The body of a refusal. */
export const refusalBody = object({
  error: needed(
    object({
      type: needed(oneOf(...REFUSAL_TYPES), "what happened; cli.md explains each"),
      message: needed(text, "the same for the user, and what to do about it"),
      resets_at: field(optional(integer), "only with 429: when a key is free again, epoch seconds"),
      resets_in_seconds: field(optional(integer), "only with 429: seconds until a key is free again"),
    }),
    "in the form of the OpenAI API",
  ),
});
/** The body of a refusal. */
export type RefusalBody = ValueOf<typeof refusalBody>;
