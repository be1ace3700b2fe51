/**
 * What a client is told when the proxy itself answers its request. Only `message` is for people: clients print it.
 * @module
 */

import * as z from "zod/mini";
import { field, needed, type ValueOf } from "./fields.ts";

/** The body of a refusal. */
export const refusalBody = z.strictObject({
  error: needed(
    z.strictObject({
      type: needed(z.string(), "`no_keys`, `no_usable_keys`, `usage_limit_reached` and others: see cli.md"),
      message: needed(z.string(), "what happened and what to type"),
      resets_at: field(z.exactOptional(z.int()), "only with 429: when a key is free again, epoch seconds"),
      resets_in_seconds: field(z.exactOptional(z.int()), "only with 429: seconds until a key is free again"),
    }),
    "in the form of the OpenAI API",
  ),
});
/** The body of a refusal. */
export type RefusalBody = ValueOf<typeof refusalBody>;
