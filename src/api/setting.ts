/**
 * A setting as every JSON output shows it: its value and where that came from.
 * @module
 */

import {
  anyOf,
  boolean,
  byName,
  field,
  needed,
  nothing,
  number,
  object,
  oneOf,
  optional,
  text,
  type ValueOf,
} from "./json_types.ts";

/** One setting. */
export const setting = object({
  value: needed(
    anyOf(text, number, boolean, nothing),
    "in `unit`, as the user would write it; a secret is `[REDACTED]`",
  ),
  source: field(oneOf("flag", "environment", "env_file", "default"), "where the value came from"),
  unit: field(optional(oneOf("seconds", "MiB")), "absent where the value has none"),
});
/** One setting. */
export type Setting = ValueOf<typeof setting>;

/** Settings by name. */
export const settings = byName(setting);
/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;
