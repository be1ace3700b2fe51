/**
 * A setting as every JSON output shows it: its value and where that came from.
 * @module
 */

import * as z from "zod/mini";
import { field, needed, object, text, type ValueOf } from "./fields.ts";

/** One setting. */
export const setting = object({
  value: needed(
    z.union([text, z.number(), z.boolean(), z.null()]),
    "in `unit`, as the user would write it; a secret is `[REDACTED]`",
  ),
  source: field(z.enum(["flag", "environment", "env_file", "default"]), "where the value came from"),
  unit: field(z.exactOptional(z.enum(["seconds", "MiB"])), "absent where the value has none"),
});
/** One setting. */
export type Setting = ValueOf<typeof setting>;

/** Settings by name. */
export const settings = z.record(text, setting);
/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;
