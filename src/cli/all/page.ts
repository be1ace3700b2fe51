/**
 * The JSON of `cdx2 all --json`. At run time only its types are used.
 * @module
 */

import {
  boolean,
  count,
  field,
  list,
  number,
  object,
  oneOf,
  optional,
  orNull,
  percent,
  text,
  time,
  type ValueOf,
} from "../../api/json_types.ts";
import { credits } from "../../api/credits.ts";
import { renewalStanding } from "../../api/renewals.ts";
import { usageForecast } from "../../api/usage.ts";

const usageStatus = oneOf("OK", "WARN", "COOLDOWN", "UNKNOWN");

/** How much of a window is used. */
export type UsageStatus = WindowView["status"];

const WINDOW = {
  status: field(usageStatus, "`UNKNOWN` when the account does not have the window or could not be asked"),
  used_percent: field(orNull(percent), "percent of the window that is used"),
  reset_after_seconds: field(orNull(number), "seconds until it starts again from 0"),
};

/** A usage window of a key. */
export const usageWindow = object(WINDOW);
/** A usage window of a key. */
export type WindowView = ValueOf<typeof usageWindow>;

/** A key and what is left of it. */
const accountView = object({
  file: field(text, "the key's name"),
  email: field(orNull(text), "of the key's account"),
  status: field(
    usageStatus,
    "the worst status of its windows; `COOLDOWN` as well when a limit is reached; at most `WARN` while it has credits; " +
      "`UNKNOWN` when it is disabled",
  ),
  disabled: field(boolean, "whether its file says that it is not to be used; then it is not asked"),
  expired: field(
    boolean,
    "whether its token is past its own expiry; then it is asked when there are no other keys, and never `OK`",
  ),
  borrowed: field(
    boolean,
    "whether its file holds a login without a refresh token, such as a copy of Codex's: the owner of the login renews it",
  ),
  token_expires_at: field(orNull(time), "when the token expires; null for an API key"),
  renewal: field(orNull(renewalStanding), "who renews the token; null when that cannot be read"),
  plan_type: field(orNull(text), "the account's plan, as the upstream names it"),
  current: field(
    boolean,
    "the key in use: the one that the running proxy used last, else Codex's own login, else the best",
  ),
  five_hour: field(orNull(usageWindow), "null when only the weekly window is looked at"),
  weekly: field(orNull(usageWindow), "null when only the 5-hour window is looked at"),
  other_windows: field(
    list(object({ ...WINDOW, window_seconds: field(number, "the length of the window") })),
    "windows of other lengths, as some plans have them; empty unless both others are looked at",
  ),
  limit_reached: field(boolean, "whether the upstream says that a limit is reached"),
  credits: field(orNull(credits), "what the account has bought; null when the upstream does not name it"),
  error: field(orNull(text), "why the key could not be asked"),
});
/** A key and what is left of it. */
export type AccountView = ValueOf<typeof accountView>;

const thresholds = object({
  warn_at: field(number, "percent used from which a window is `WARN`"),
  cooldown_at: field(number, "percent used from which it is `COOLDOWN`"),
  only: field(oneOf("both", "5h", "weekly"), "which windows are looked at"),
});
/** What the statuses are made with. */
export type Thresholds = ValueOf<typeof thresholds>;

/** The answer of `all --json`. */
export const dashboard = object({
  ok: field(boolean, "whether at least one key could be asked"),
  aggregate: field(
    object({
      status: field(usageStatus, "the worst status of a key"),
      counts: field(
        object({
          ok: field(count, "keys that are `OK`"),
          warn: field(count, "keys that are `WARN`"),
          cooldown: field(count, "keys that are `COOLDOWN`"),
          unknown: field(count, "keys that are `UNKNOWN`"),
        }),
        "keys by status",
      ),
      global_exhaustion: field(orNull(percent), "percent used, the mean over all known windows"),
      max_used: field(orNull(percent), "percent used of the fullest window"),
      min_reset_seconds: field(orNull(number), "seconds until the first window is reset"),
      total: field(count, "all keys"),
    }),
    "the pool as a whole",
  ),
  availability: field(
    object({
      available_now: field(count, "keys that are `OK` or `WARN`"),
      cooldown_now: field(count, "keys that are `COOLDOWN`"),
      unknown_now: field(count, "keys that could not be asked"),
      next_available_in_seconds: field(
        orNull(number),
        "seconds until the first cooling key is back; null when none is cooling or none says when",
      ),
      next_available_file: field(orNull(text), "which key that is"),
    }),
    "what can be used when",
  ),
  accounts: field(
    list(accountView),
    "the current key, then the others: usable ones first, and of those the one with the most left",
  ),
  forecast: field(usageForecast, "when windows and the pool run out at the present rate"),
  thresholds: field(thresholds, "what the statuses were made with"),
  retrieved_at: field(time, "when the keys were asked"),
  error: field(
    optional(object({
      code: field(text, "`failed`"),
      message: field(text, "what is wrong"),
      hint: field(orNull(text), "what to do about it"),
    })),
    "only without keys",
  ),
});
/** The answer of `all --json`. */
export type DashboardView = ValueOf<typeof dashboard>;

/** The error of a key whose usage a gateway does not know: it reads that from answers, and there was none yet. */
export const NOT_READ_YET = "the gateway has not read its usage yet";
