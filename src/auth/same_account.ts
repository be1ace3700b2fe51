/**
 * Whether two logins are of the same account. Neither the account id nor the e-mail is enough where both are known: a
 * user can have one e-mail in several workspaces, and the members of a workspace share its account id.
 * @module
 */

import type { AuthRecord } from "./record.ts";

/** What tells accounts apart. */
export type Identity = Pick<AuthRecord, "token" | "accountId" | "email">;

/**
 * True for equal tokens. Otherwise both logins have to name the account id or the e-mail, and have to agree on what
 * both name; the case of e-mails does not matter. So one that names less can be the same as two that differ: callers
 * that need one account have to handle several.
 */
export function isSameAccount(a: Identity, b: Identity): boolean {
  if (a.token.equals(b.token)) return true;
  const namedByBoth = [[a.accountId, b.accountId], [a.email?.toLowerCase(), b.email?.toLowerCase()]]
    .filter((names) => !names.includes(undefined));
  return namedByBoth.length > 0 && namedByBoth.every(([one, other]) => one === other);
}
