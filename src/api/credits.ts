/**
 * The credits of an account, as several pages show them.
 * @module
 */

import type { Credits } from "../auth/credits.ts";
import { boolean, field, object, orNull, text, type ValueOf } from "./json_types.ts";

/** The credits of an account. */
export const credits = object({
  has_credits: field(boolean, "whether the account can go on with them when its usage windows are full"),
  unlimited: field(boolean, "whether there is no end to them"),
  balance: field(orNull(text), "how much there is, as the upstream writes it"),
});
/** The credits of an account. */
export type CreditsView = ValueOf<typeof credits>;

/** Credits as they are shown; `isUsable` says whether the account can go on with them. */
export function creditsView({ isUnlimited, balance }: Credits, isUsable: boolean): CreditsView {
  return { has_credits: isUsable, unlimited: isUnlimited, balance: balance ?? null };
}
