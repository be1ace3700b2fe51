/**
 * `POST /reset`: ends penalties.
 * @module
 */

import * as z from "zod/mini";
import { count, field, needed, object, text, type ValueOf } from "./fields.ts";

/** The answer of `POST /reset`. */
export const reset = object({
  reset: needed(count, "how many keys had a penalty that was ended"),
  files: needed(z.array(text), "their auth files"),
  filter: needed(
    object({
      name: field(z.nullable(text), "only of the key of this auth file; null for every key"),
      state: field(z.nullable(text), "only of keys in this state; null for every state"),
    }),
    "what was asked for",
  ),
});
/** The answer of `POST /reset`. */
export type Reset = ValueOf<typeof reset>;
