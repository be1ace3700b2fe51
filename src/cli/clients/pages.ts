/**
 * The JSON of `cdx2 clients add`, `clients list` and `clients remove`. At run time only its types are used.
 * @module
 */

import { field, list, object, text, time, type ValueOf } from "../../api/json_types.ts";

const NAME = field(text, "what the client is called");
const CREATED_AT = field(time, "when its key was made");
const AUTH_DIR = field(text, "the folder that it belongs to");

/** The answer of `clients add --json`. */
export const clientsAdd = object({
  name: NAME,
  key: field(text, "the key, shown this once: only its hash is kept"),
  created_at: CREATED_AT,
  auth_dir: AUTH_DIR,
});
/** The answer of `clients add --json`. */
export type ClientsAdd = ValueOf<typeof clientsAdd>;

/** The answer of `clients list --json`. */
export const clientsList = object({
  auth_dir: AUTH_DIR,
  clients: field(list(object({ name: NAME, created_at: CREATED_AT })), "those who may use the proxy"),
});
/** The answer of `clients list --json`. */
export type ClientsList = ValueOf<typeof clientsList>;

/** The answer of `clients remove --json`. */
export const clientsRemove = object({
  removed: field(text, "the client that may not use the proxy any more"),
  auth_dir: AUTH_DIR,
});
/** The answer of `clients remove --json`. */
export type ClientsRemove = ValueOf<typeof clientsRemove>;
