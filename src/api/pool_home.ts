/**
 * `POST /pool-home`: makes a proxy the home of a login in its shared pool.
 * @module
 */

import { field, needed, object, oneOf, orNull, text, type ValueOf } from "./json_types.ts";

/** The answer of `POST /pool-home`. */
export const poolHome = object({
  file: needed(text, "the key"),
  outcome: needed(
    oneOf(
      "moved",
      "is_home",
      "no_pool",
      "no_key",
      "no_login",
      "not_permitted",
      "no_copy",
      "old_copy",
      "unreachable",
      "away",
      "no_answer",
    ),
    "`moved`: this proxy renews it from now on; `is_home`: it did already; `old_copy`: it has been renewed elsewhere since; " +
      "`away`: its home is off; `no_answer`: its home hands it over once it answers",
  ),
  home: field(orNull(text), "the member that was its home; null when there was none"),
});
/** The answer of `POST /pool-home`. */
export type PoolHome = ValueOf<typeof poolHome>;
