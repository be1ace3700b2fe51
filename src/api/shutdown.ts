/**
 * `POST /shutdown`: ends the proxy.
 * @module
 */

import * as z from "zod/mini";
import { needed, object, type ValueOf } from "./fields.ts";

/** The answer of `POST /shutdown`, given before the proxy ends. */
export const shutdown = object({
  status: needed(z.literal("shutting_down"), "running streams get time to end"),
});
/** The answer of `POST /shutdown`, given before the proxy ends. */
export type Shutdown = ValueOf<typeof shutdown>;
