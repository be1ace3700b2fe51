/**
 * `GET /health`: every key of the pool, its state, and what that state rests on.
 * @module
 */

import {
  boolean,
  count,
  field,
  integer,
  list,
  needed,
  number,
  object,
  oneOf,
  orNull,
  text,
  time,
  type ValueOf,
} from "./json_types.ts";
import { credits } from "./credits.ts";

/** What a penalty rests on; `doctor` adds its age. */
export const EVIDENCE = {
  status: field(
    orNull(number),
    "the answer's status; null when the verdict came from inside a stream",
  ),
  code: field(text, "the upstream's error code, else `http_401` and the like"),
  request_id: field(text, "the request, as in the trace and the logs"),
  at: needed(time, "when the answer came"),
};

const usageWindow = object({
  limit: field(
    text,
    "`codex` for the account's own limit, else the id of one that only some models have",
  ),
  limit_window_seconds: field(
    orNull(number),
    "18000 for 5 hours, 604800 for a week; null when the upstream did not say",
  ),
  used_percent: needed(number, "percent of the limit that is used"),
  reset_at: field(orNull(time), "when the window starts again from 0"),
  source: field(oneOf("headers", "event", "refusal", "usage"), "where it was read"),
  at: field(time, "when it was read"),
});

/** The fields of a key; `doctor` adds some of its own. */
export const ACCOUNT = {
  file: needed(text, "the auth file, and so the key's name"),
  email: field(orNull(text), "of the key's account"),
  alias: field(orNull(text), "what the user calls the key; null when its file does not say"),
  priority: field(
    integer,
    "from -100 to 100: lower ones are used only when none of a higher one is free; 0 when its file does not say",
  ),
  upstream: field(
    orNull(text),
    "the base URL of the only upstream that the key is used for; null: that of the settings",
  ),
  status: field(oneOf("OK", "PROBATION", "COOLDOWN", "BLACKLIST"), "its state"),
  disabled: field(boolean, "whether its file says that it is not to be used; then it never is"),
  expired: field(
    boolean,
    "whether its token is past its own expiry; then it is used when no other key is left",
  ),
  cooldown_seconds: field(integer, "seconds that are left of its cooldown; 0 in any other state"),
  blacklist_seconds: field(integer, "seconds for which it stays blacklisted; 0 in any other state"),
  blacklist_reason: field(orNull(text), "the code that blacklisted it; null in any other state"),
  probation: field(boolean, "whether it is on probation after it was blacklisted"),
  probation_successes: field(count, "trials that succeeded in a row; 0 in any other state"),
  probation_target: field(count, "successes in a row that end the probation"),
  used: field(count, "attempts since the start of the proxy"),
  errors: field(count, "those of them that the upstream rejected or failed"),
  rate_limit_strikes: field(count, "429s in a row"),
  hard_failures: field(count, "how often it was blacklisted since it was last fully restored"),
  reason: field(orNull(text), "the code that led to its state; null for `OK`"),
  until: field(orNull(time), "when the penalty ends"),
  next_trial_at: field(orNull(time), "when the proxy tries it by itself"),
  evidence: field(orNull(object(EVIDENCE)), "what the last strike rests on"),
  model_limits: field(
    list(object({
      model: needed(text, "the model, as requests name it"),
      reason: field(text, "the upstream's error code"),
      until: needed(time, "when the limit ends"),
    })),
    "models for which it is not used",
  ),
  usage: field(
    orNull(object({
      windows: field(list(usageWindow), "each as it was last read"),
      credits: field(orNull(credits), "what the account has bought; null until the upstream has named it"),
    })),
    "what is used up; null until the upstream has told something",
  ),
  plan: field(orNull(text), "the account's plan, as the token names it"),
  token_expires_at: field(orNull(time), "when the token expires; null for an API key"),
  last_used_at: field(orNull(time), "when its last attempt was; null before the first"),
};

/** One key of the pool. */
export const account = object(ACCOUNT);
/** One key of the pool. */
export type Account = ValueOf<typeof account>;

/** The answer of `GET /health`. */
export const health = object({
  ok: needed(
    boolean,
    "whether at least one key is `OK`, and neither disabled nor, if there are others, expired",
  ),
  running_requests: field(count, "requests that the proxy is serving at this moment"),
  accounts: needed(list(account), "one for each key of the pool"),
});
/** The answer of `GET /health`. */
export type Health = ValueOf<typeof health>;
