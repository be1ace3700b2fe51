/**
 * `cdx2 pool home`: makes this machine the one that renews a login for the shared pool.
 * @module
 */

import type { PoolHome } from "../../api/pool_home.ts";
import type { Received } from "../../api/received.ts";
import { homeCommand, loginCommand } from "../../credentials/renewal_text.ts";
import { printable } from "../../screen/cells.ts";
import { memberText } from "../shared_text.ts";
import { UserError } from "../../values/user_error.ts";

const PROBLEM = "Cannot make this machine the home of the key's login";

/** What became of it, for the user. @throws {@link UserError} when nothing did */
export function homeLine({ file, outcome, home: named }: Received<PoolHome>): string {
  const home = memberText(named ?? "another member");
  const refuse = (reason: string, hint: string): never => {
    throw new UserError(`${PROBLEM}: ${reason}`, { hint });
  };
  switch (outcome) {
    case "moved":
      return `this machine renews ${printable(file)} for the pool from now on`;
    case "is_home":
      return `this machine renews ${printable(file)} for the pool already`;
    case "no_pool":
      return refuse("this proxy shares no pool", "set CLIPROXY_SHARED, which names the server of one");
    case "no_login":
      return refuse("its token does not say whose login it is", "only logins of ChatGPT have a home");
    case "not_permitted":
      return refuse(
        "this proxy may not renew for the pool",
        "it runs in a CI system, or pool_home or refresh is off",
      );
    case "no_copy":
      return refuse(
        "its file here has no refresh token that can be used",
        `log in here with "${loginCommand(file)}"`,
      );
    case "old_copy":
      return refuse(
        "it has been renewed elsewhere since, so that the refresh token here is used up",
        `log in here with "${loginCommand(file)}", or copy the auth file of ${home}`,
      );
    case "unreachable":
      return refuse("the engine of the pool cannot be reached", 'see "cdx2 pool"');
    case "away":
      return refuse(
        `${home} renews it and is off`,
        `start it there; if it will not come back, run "${homeCommand(file)} --force"`,
      );
    case "no_answer":
      return refuse(`${home} does not answer`, "it hands the login over once it does");
    default:
      return refuse("the proxy has no such key", 'see "cdx2 auth list"');
  }
}
