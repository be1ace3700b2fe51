/**
 * `GET /usage?days=&by=`: what was used, from the usage history. `cdx2 usage --json` prints the same.
 * @module
 */

import {
  always,
  boolean,
  count,
  field,
  list,
  needed,
  number,
  object,
  oneOf,
  orNull,
  percent,
  text,
  time,
  type ValueOf,
} from "./json_types.ts";

/** What the rows of a report can be about. */
export const USAGE_GROUPS = ["key", "model", "day", "session", "client"] as const;
/** One of them. */
export type UsageGroup = typeof USAGE_GROUPS[number];

/** How many days the usage history keeps. */
export const MAX_USAGE_DAYS = 90;

const milliseconds = object({
  median: field(number, "half of them took no longer"),
  p95: field(number, "95 of 100 took no longer"),
});

const FIGURES = {
  requests: field(count, "requests that were answered"),
  failed: field(
    count,
    "attempts without an answer for the client: another key was tried, or none could answer",
  ),
  input_tokens: field(count, "tokens that models read, the cached ones included"),
  cached_tokens: field(count, "those of them that came from the prompt cache"),
  output_tokens: field(count, "tokens that models wrote"),
  cache_rate: field(
    orNull(number),
    "the share of the input that came from the prompt cache, from 0 to 1; null without input",
  ),
  first_token_ms: field(
    orNull(milliseconds),
    "milliseconds from the start of the attempt to the first event that shows something; null when none did",
  ),
  added_ms: field(
    orNull(milliseconds),
    "milliseconds that the proxy had added when the attempt began: reading the body, waiting for a key, earlier attempts; null without a request",
  ),
  switches: field(count, "requests that another key answered than the one before in their session"),
};

/** A group of requests. */
export const usageRow = object({
  name: needed(
    text,
    "the key, the model, the day in local time, the hash of the session, or the client by its key; empty for none",
  ),
  ...FIGURES,
  last_at: field(time, "when the last attempt ended"),
  series: field(
    list(count),
    "tokens in equal parts of the time, oldest first: of the day for days, else of the whole time",
  ),
});
/** A group of requests. */
export type UsageRow = ValueOf<typeof usageRow>;

const windowForecast = object({
  window_seconds: field(count, "its length: 18 000 for the 5-hour window, 604 800 for the weekly one"),
  used_percent: field(percent, "as last read"),
  reset_at: field(orNull(time), "when it starts again"),
  percent_per_hour: field(number, "how fast it fills at present"),
  runs_out_at: field(
    orNull(time),
    "when it is full at this rate; null when it is reset before that, or is not used",
  ),
});

/** When the pool and the windows of its keys run out. */
export const usageForecast = object({
  pool_runs_out_at: field(
    orNull(time),
    "when no key is left at the present rate; null when that is not within a week",
  ),
  pool_back_at: field(orNull(time), "when the first key is back after that"),
  rates: field(
    oneOf("history", "mean"),
    "`mean`: there is no usage history, and each rate is the mean since its window began",
  ),
  keys: field(
    list(object({
      key: field(text, "the key"),
      windows: field(list(windowForecast), "its windows, the shortest first"),
    })),
    "keys whose windows were read within the last week",
  ),
});
/** When the pool and the windows of its keys run out. */
export type UsageForecast = ValueOf<typeof usageForecast>;

/** The answer of `GET /usage`. */
export const usage = object({
  ok: needed(always(true), "always true"),
  by: field(oneOf(...USAGE_GROUPS), "what the rows are about"),
  from: needed(time, "the beginning of the time: a midnight in local time"),
  to: field(time, "the end of the time: now"),
  total: field(object(FIGURES), "of all rows together"),
  rows: needed(list(usageRow), "those with most tokens first; days in their order"),
  forecast: field(usageForecast, "at the present rate"),
  is_recording: field(
    boolean,
    "whether there is a usage history at all: the proxy begins it with the first request",
  ),
});
/** The answer of `GET /usage`. */
export type Usage = ValueOf<typeof usage>;
