/**
 * Whether the keyring can be used, found out before anything depends on it.
 * @module
 */

import { KeyringError } from "../../keyring/items.ts";
import type { Keyring } from "../../keyring/keyring.ts";
import { UserError } from "../../values/user_error.ts";

/** `cannot` begins the error: `Cannot log in`. @throws {@link UserError} when the keyring cannot be used */
export async function refuseUnusableKeyring(keyring: Pick<Keyring, "check">, cannot: string): Promise<void> {
  try {
    await keyring.check();
  } catch (error) {
    if (!(error instanceof KeyringError)) throw error;
    throw new UserError(`${cannot}: ${error.message}`, { hint: error.hint });
  }
}
