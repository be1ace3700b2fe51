/**
 * The JSON of `cdx2 stop --json`. At run time only its type is used.
 * @module
 */

import { boolean, field, number, object, oneOf, orNull, text, type ValueOf } from "../../api/json_types.ts";

/** The answer of `stop --json`. */
export const stop = object({
  stopped: field(boolean, "whether a proxy was running and now is not"),
  how: field(oneOf("stopped", "killed", "not_running"), "`killed`: it did not stop when it was asked to"),
  pid: field(orNull(number), "of the proxy that was stopped"),
  reason: field(orNull(text), "why there was nothing to stop"),
});
/** The answer of `stop --json`. */
export type Stop = ValueOf<typeof stop>;
