/**
 * The JSON of `cdx2 version --json`. At run time only its type is used.
 * @module
 */

import { boolean, field, object, orNull, text, type ValueOf } from "../../api/json_types.ts";

/** The answer of `version --json`. */
export const versionPage = object({
  version: field(text, "of this program"),
  newest: field(orNull(text), "of the latest release; null without `--check`"),
  newer: field(
    orNull(boolean),
    "whether the latest release is newer than this program; null without `--check`",
  ),
});
/** The answer of `version --json`. */
export type VersionPage = ValueOf<typeof versionPage>;
