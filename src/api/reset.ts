/**
 * `POST /reset`: ends penalties.
 * @module
 */

import { count, field, list, needed, object, orNull, text, type ValueOf } from "./json_types.ts";

/** The answer of `POST /reset`. */
export const reset = object({
  reset: needed(count, "how many keys had a penalty that was ended"),
  files: needed(list(text), "their auth files"),
  filter: needed(
    object({
      name: field(orNull(text), "only of the key of this auth file; null for every key"),
      state: field(orNull(text), "only of keys in this state; null for every state"),
    }),
    "what was asked for",
  ),
});
/** The answer of `POST /reset`. */
export type Reset = ValueOf<typeof reset>;
