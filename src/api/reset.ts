/**
 * `POST /reset`: ends penalties.
 * @module
 */

import * as z from "zod/mini";
import { count, field, needed, type ValueOf } from "./fields.ts";

/** The answer of `POST /reset`. */
export const reset = z.strictObject({
  reset: needed(count(), "how many keys had a penalty that was ended"),
  files: needed(z.array(z.string()), "their auth files"),
  filter: needed(
    z.strictObject({
      name: field(z.nullable(z.string()), "only of the key of this auth file; null for every key"),
      state: field(z.nullable(z.string()), "only of keys in this state; null for every state"),
    }),
    "what was asked for",
  ),
});
/** The answer of `POST /reset`. */
export type Reset = ValueOf<typeof reset>;
