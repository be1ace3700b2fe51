/**
 * The JSON of `cdx2 auth list`, `auth import` and `auth remove`. At run time only its types are used.
 * @module
 */

import * as z from "zod/mini";
import { AUTH_FILE, authFile } from "../../api/auth_files.ts";
import { field, type ValueOf } from "../../api/fields.ts";

/** The answer of `auth list --json`. */
export const authList = z.strictObject({
  auth_dir: field(z.string(), "the folder that was read"),
  files: field(z.array(authFile), "as they are on the disk"),
  proxy: field(
    z.strictObject({
      running: field(z.boolean(), "whether a proxy is running"),
      differences: field(
        z.array(z.string()),
        "where it holds something else than the disk, a sentence each; empty as well when it does not tell",
      ),
    }),
    "what the running proxy says about the same folder",
  ),
});
/** The answer of `auth list --json`. */
export type AuthList = ValueOf<typeof authList>;

/** The answer of `auth import --json`. */
export const authImport = z.strictObject({
  how: field(z.enum(["added", "replaced"]), "whether the file is new"),
  ...AUTH_FILE,
  auth_dir: field(z.string(), "the folder that it was put into"),
  notes: field(z.array(z.string()), "what the user should know, such as that Codex uses the same login"),
});
/** The answer of `auth import --json`. */
export type AuthImport = ValueOf<typeof authImport>;

/** The answer of `auth remove --json`. */
export const authRemove = z.strictObject({
  removed: field(z.boolean(), "false when the user answered the question with no"),
  file: field(z.string(), "the key's name"),
  email: field(z.nullable(z.string()), "of the key's account"),
  auth_dir: field(z.string(), "the folder that it is or was in"),
});
/** The answer of `auth remove --json`. */
export type AuthRemove = ValueOf<typeof authRemove>;
