/**
 * The JSON of the commands below `cdx2 auth`. At run time only its types are used.
 * @module
 */

import { AUTH_FILE, authFile } from "../../api/auth_files.ts";
import { RENEWAL_STANDING } from "../../api/renewals.ts";
import {
  boolean,
  field,
  integer,
  list,
  object,
  oneOf,
  orNull,
  text,
  type ValueOf,
} from "../../api/json_types.ts";

/** The answer of `auth list --json`. */
export const authList = object({
  auth_dir: field(text, "the folder that was read"),
  files: field(list(authFile), "as they are on the disk"),
  renewals: field(
    list(object({ file: field(text, "the key"), ...RENEWAL_STANDING })),
    "who renews each key",
  ),
  proxy: field(
    object({
      running: field(boolean, "whether a proxy is running"),
      differences: field(
        list(text),
        "where it holds something else than the disk, a sentence each; empty as well when it does not tell",
      ),
    }),
    "what the running proxy says about the same folder",
  ),
});
/** The answer of `auth list --json`. */
export type AuthList = ValueOf<typeof authList>;

const IMPORTED = {
  how: field(
    oneOf("added", "replaced", "already_there"),
    "whether the file is new; `already_there`: it held the same token",
  ),
  ...AUTH_FILE,
};

/** The answer of `auth import --json`. */
export const authImport = object({
  ...IMPORTED,
  auth_dir: field(text, "the folder that it was put into"),
  notes: field(list(text), "what the user should know, such as that Codex uses the same login"),
  keys: field(list(object(IMPORTED)), "each key of the import; the fields above are those of the first"),
  skipped: field(
    list(object({
      name: field(text, "what the file calls it"),
      reason: field(text, "why it is not a key"),
    })),
    "the logins that were not imported",
  ),
});
/** The answer of `auth import --json`. */
export type AuthImport = ValueOf<typeof authImport>;

/** The answer of `auth login --json`. */
export const authLogin = object({
  how: field(oneOf("added", "replaced"), "whether the file is new"),
  flow: field(oneOf("device", "browser", "manual"), "how the user logged in"),
  ...AUTH_FILE,
  auth_dir: field(text, "the folder that it was put into"),
  notes: field(list(text), "what the user should know, such as that another key has the same account"),
});
/** The answer of `auth login --json`. */
export type AuthLogin = ValueOf<typeof authLogin>;

/** The answer of `auth remove --json`. */
export const authRemove = object({
  removed: field(boolean, "false when the user answered the question with no"),
  file: field(text, "the key's name"),
  email: field(orNull(text), "of the key's account"),
  auth_dir: field(text, "the folder that it is or was in"),
});
/** The answer of `auth remove --json`. */
export type AuthRemove = ValueOf<typeof authRemove>;

/** The answer of `auth disable`, `auth enable` and `auth priority` with `--json`. */
export const authSwitch = object({
  file: field(text, "the key's name"),
  email: field(orNull(text), "of the key's account"),
  changed: field(boolean, "false when the file said so before"),
  disabled: field(boolean, "whether the key is disabled now"),
  priority: field(integer, "its priority now, from -100 to 100"),
  auth_dir: field(text, "the folder that it is in"),
});
/** The answer of `auth disable`, `auth enable` and `auth priority` with `--json`. */
export type AuthSwitch = ValueOf<typeof authSwitch>;

/** The answer of `auth migrate --json`. */
export const authMigrate = object({
  to: field(oneOf("keyring", "file"), "where the tokens were to be moved"),
  keys: field(
    list(object({
      file: field(text, "the key"),
      outcome: field(oneOf("moved", "there", "failed"), "`there`: nothing had to be done"),
      reason: field(orNull(text), "why it failed"),
    })),
    "each key of the move",
  ),
  auth_dir: field(text, "the folder with the keys"),
});
/** The answer of `auth migrate --json`. */
export type AuthMigrate = ValueOf<typeof authMigrate>;

/** The answer of `auth rename --json`. */
export const authRename = object({
  file: field(text, "the key's new name"),
  email: field(orNull(text), "of the key's account"),
  renamed_from: field(text, "its name before"),
  auth_dir: field(text, "the folder that it is in"),
});
/** The answer of `auth rename --json`. */
export type AuthRename = ValueOf<typeof authRename>;
