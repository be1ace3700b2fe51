/**
 * The JSON of `cdx2 pool --json`. At run time only its type is used.
 * @module
 */

import { field, object, orNull, type ValueOf } from "../../api/json_types.ts";
import { shared } from "../../api/shared.ts";

/** The answer of `pool --json`. */
export const pool = object({
  shared: field(orNull(shared), "the pool that the running proxy shares; null when it shares none"),
});
/** The answer of `pool --json`. */
export type Pool = ValueOf<typeof pool>;
