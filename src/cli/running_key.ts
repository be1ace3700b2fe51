/**
 * Which key of the running proxy a user means.
 * @module
 */

import type { ManagementClient } from "../api/client.ts";
import { keyCalled } from "../auth/key_names.ts";
import { printable } from "../screen/cells.ts";
import { UserError } from "../values/user_error.ts";
import { unwrap } from "./service.ts";

/**
 * The file of the key that has this name. `problem` begins the message when there is none, as "Cannot reset the key: " does.
 * @throws {@link UserError} when no key has the name, or several do
 */
export async function runningKeyFile(
  client: ManagementClient,
  name: string,
  problem: string,
): Promise<string> {
  const keys = unwrap(await client.health()).accounts.map(({ file, email, alias }) => ({
    file,
    email: email ?? undefined,
    alias: alias ?? undefined,
  }));
  const named = keyCalled(name, keys);
  if (named.kind === "one") return named.key.file;
  const { reason, hint } = named.problem;
  throw new UserError(problem + printable(reason), { hint: printable(hint) });
}
