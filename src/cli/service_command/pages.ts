/**
 * The JSON of `cdx2 service`. At run time only its type is used.
 * @module
 */

import { boolean, field, object, orNull, text, type ValueOf } from "../../api/json_types.ts";

/** The answer of `service install`, `uninstall` and `status` with `--json`. */
export const serviceState = object({
  manager: field(text, "what starts the proxy at each login: systemd, launchd or the Task Scheduler"),
  file: field(text, "the file that the manager reads"),
  installed: field(boolean, "whether the file is there, and is for this auth dir"),
  active: field(boolean, "whether the manager runs the proxy now"),
  base_url: field(
    orNull(text),
    "the address of the running proxy, also of one that the manager does not run",
  ),
});
/** The answer of `service install`, `uninstall` and `status` with `--json`. */
export type ServiceState = ValueOf<typeof serviceState>;
