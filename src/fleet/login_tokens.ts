/**
 * The access tokens that other members have told. They are in memory only.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import { generationMs, loginId } from "../credentials/login_id.ts";
import { Secret } from "../values/secret.ts";
import type { SharedLogin } from "./shared_login.ts";

/** One for each login: the same object for the same token. */
export class LoginTokens {
  readonly #tokens = new Map<string, Secret>();

  /** The token of a login's home; `undefined` when the file of this key has it already, or a newer one. */
  newerOf(
    login: string,
    { access }: Pick<SharedLogin, "access">,
    { token, accountId }: Pick<AuthRecord, "token" | "accountId">,
  ): Secret | undefined {
    if (access === undefined || token.reveal() === access) return undefined;
    const known = this.#tokens.get(login);
    const newer = known?.reveal() === access ? known : new Secret(access);
    this.#tokens.set(login, newer);
    const owned = { token: newer, accountId };
    // No member can give an account the token of another.
    const isOfLogin = loginId(owned) === login;
    return isOfLogin && generationMs(owned) > generationMs({ token, accountId }) ? newer : undefined;
  }
}
