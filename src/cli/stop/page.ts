/**
 * The JSON of `cdx2 stop --json`. At run time only its type is used.
 * @module
 */

import * as z from "zod/mini";
import { field, object, text, type ValueOf } from "../../api/fields.ts";

/** The answer of `stop --json`. */
export const stop = object({
  stopped: field(z.boolean(), "whether a proxy was running and now is not"),
  how: field(z.enum(["stopped", "killed", "not_running"]), "`killed`: it did not stop when it was asked to"),
  pid: field(z.nullable(z.number()), "of the proxy that was stopped"),
  reason: field(z.nullable(text), "why there was nothing to stop"),
});
/** The answer of `stop --json`. */
export type Stop = ValueOf<typeof stop>;
