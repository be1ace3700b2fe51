/**
 * `GET /auth-files`: the auth dir as the proxy last read it.
 * @module
 */

import {
  boolean,
  field,
  integer,
  list,
  needed,
  object,
  orNull,
  text,
  time,
  type ValueOf,
} from "./json_types.ts";

/** The fields of an auth file; `auth import` answers with them and some more. */
export const AUTH_FILE = {
  file: needed(text, "its name"),
  email: field(orNull(text), "of the account"),
  plan: field(orNull(text), "the account's plan, as the token names it"),
  account_id: field(orNull(text), "as the upstream names the account"),
  token_expires_at: field(orNull(time), "when the token expires; null for an API key"),
  usable: field(boolean, "whether it holds a key that requests may get"),
  reason: field(orNull(text), "why it is not usable"),
  disabled: field(boolean, "whether the file says that its key is not to be used"),
  expired: field(
    boolean,
    "whether the token is past its own expiry; it is used when no other key is left",
  ),
  alias: field(orNull(text), "what the user calls the key"),
  priority: field(integer, "from -100 to 100; 0 when the file does not say"),
  upstream: field(
    orNull(text),
    "the base URL of the only upstream that the key is used for; null: that of the settings",
  ),
  api_key: field(boolean, "whether its token is an API key, which ChatGPT's backend does not take"),
  in_keyring: field(boolean, "whether its tokens are in the keyring of the system, not in the file"),
  fingerprint: field(orNull(text), "tells tokens apart: the beginning of the token's SHA-256"),
};

/** One JSON file of the auth dir, whether it holds a key or not. */
export const authFile = object(AUTH_FILE);
/** One JSON file of the auth dir, whether it holds a key or not. */
export type AuthFile = ValueOf<typeof authFile>;

/** The answer of `GET /auth-files`. */
export const authFiles = object({
  files: needed(list(authFile), "in the order of their names"),
});
/** The answer of `GET /auth-files`. */
export type AuthFiles = ValueOf<typeof authFiles>;
