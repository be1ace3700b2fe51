/**
 * `POST /shutdown`: ends the proxy.
 * @module
 */

import { always, needed, object, type ValueOf } from "./json_types.ts";

/** The answer of `POST /shutdown`, given before the proxy ends. */
export const shutdown = object({
  status: needed(always("shutting_down"), "running streams get time to end"),
});
/** The answer of `POST /shutdown`, given before the proxy ends. */
export type Shutdown = ValueOf<typeof shutdown>;
