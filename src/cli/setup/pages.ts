/**
 * The JSON of `cdx2 setup codex`. At run time only its type is used.
 * @module
 */

import { field, list, object, oneOf, orNull, text, type ValueOf } from "../../api/json_types.ts";

/** The answer of `setup codex --json`. */
export const setupCodex = object({
  file: field(text, "Codex's file of settings"),
  did: field(oneOf("wrote", "undid", "nothing"), "`nothing`: it was so already, or `--print` was given"),
  added: field(list(text), "the lines of ours that are in the file, or would be"),
  replaced: field(list(text), "lines of others that are comments while ours are there"),
  backup: field(orNull(text), "a copy of the file as it was before the first edit"),
  base_url: field(
    orNull(text),
    "the address that Codex is sent to; null when that is undone or not known yet",
  ),
});
/** The answer of `setup codex --json`. */
export type SetupCodex = ValueOf<typeof setupCodex>;
