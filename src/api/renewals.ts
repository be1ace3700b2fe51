/**
 * What `cdx2 auth refresh --json` answers. The proxy reads the same from the process that renews a key for it.
 * @module
 */

import type { RenewalStanding } from "../credentials/renewal_standing.ts";
import {
  boolean,
  field,
  list,
  needed,
  object,
  oneOf,
  orNull,
  text,
  time,
  type ValueOf,
} from "./json_types.ts";

/** How the renewal of a key stands; part of what `auth list`, `all` and `doctor` answer. */
export const RENEWAL_STANDING = {
  renewed_by: field(
    orNull(oneOf("cdx2", "codex", "member")),
    "who renews its token; `member`: another machine of the shared pool; null: nobody",
  ),
  home: field(orNull(text), "the member of the shared pool that renews it; null when none does"),
  reason: field(orNull(text), "why nobody does"),
  warning: field(orNull(text), "what the user should know in time"),
  fix: field(orNull(text), "what to type about that"),
};
/** How the renewal of a key stands. */
export const renewalStanding = object(RENEWAL_STANDING);
/** How the renewal of a key stands. */
export type RenewalStandingView = ValueOf<typeof renewalStanding>;

/** A key's standing as the JSON outputs write it. */
export function renewalView({ by, home, reason, warning, fix }: RenewalStanding): RenewalStandingView {
  return {
    renewed_by: by ?? null,
    home: home ?? null,
    reason: reason ?? null,
    warning: warning ?? null,
    fix: fix ?? null,
  };
}

/** What follows from the end of a renewal; part of its event, too. */
export const RENEWAL_TIMES = {
  token_expires_at: field(
    orNull(time),
    "the end of the new token; null when there is none, or it does not say",
  ),
  next_try_at: field(orNull(time), "when it is tried again; null when that depends on something else"),
};

/** The renewal of one key. */
export const renewal = object({
  file: needed(text, "the key"),
  outcome: needed(
    oneOf(
      "renewed",
      "adopted",
      "kept_aside",
      "not_due",
      "not_ours",
      "dead",
      "failed",
      "unknown",
    ),
    "`adopted`: another program had renewed it; `kept_aside`: the new tokens could not be written into its file; " +
      "`not_ours`: it is not for us to renew; `dead`: its refresh token is refused for good; `unknown`: no whole answer came",
  ),
  message: needed(text, "the outcome as a sentence"),
  ...RENEWAL_TIMES,
  login_needed: needed(boolean, "whether only a new login helps"),
});
/** The renewal of one key. */
export type Renewal = ValueOf<typeof renewal>;

/** The answer of `auth refresh --json`. */
export const renewals = object({
  keys: needed(list(renewal), "the keys that were looked at; without a name, those that were due"),
});
/** The answer of `auth refresh --json`. */
export type Renewals = ValueOf<typeof renewals>;
