/**
 * The rotation policy: the settings that decide which key a request gets, and what an answer does to a key. A new one
 * is a field of {@link Policy} and a row here. Help, docs/configuration.md, `doctor` and `doctor --replay` read the
 * rows.
 * @module
 */

import type { Setting } from "./setting.ts";
import { oneOf, seconds, wholeNumber } from "./setting_kinds.ts";
import { entryOf } from "../values/lookup.ts";

/** The settings of the rotation policy. Times in milliseconds, shares in percent from 0 to 100. */
export interface Policy {
  /** What stays on one key. */
  readonly rotation: "session" | "request" | "drain";
  /** How long a request waits for a key to become available; 0: not at all. */
  readonly holdMs: number;
  /** At most this many attempts are made for one request. */
  readonly maxAttempts: number;
  /** The cooldown after the first 429 that names no time; doubled with each strike in a row. */
  readonly cooldownBaseMs: number;
  /** The longest such cooldown; at least `cooldownBaseMs`. */
  readonly cooldownMaxMs: number;
  /** This many 429s in a row without a named time eject a key. */
  readonly strikesToEject: number;
  /** How long the first ejection lasts; doubled with each further one. */
  readonly ejectionBaseMs: number;
  /** The longest such ejection; at least `ejectionBaseMs`. */
  readonly ejectionMaxMs: number;
  /** At most this share of the keys is ejected for a 403 at once; one key always may be. */
  readonly maxEjectedPercent: number;
  /** The shortest time between two trials of a key on probation. */
  readonly trialIntervalMs: number;
  /** This many successes in a row end a probation. */
  readonly trialSuccesses: number;
  /** A key with no more than this left in a usage window is not used; 0 keeps no reserve. */
  readonly minRemainingPercent: number;
}

/** A row of the rotation policy: it also says what `doctor` prints about it. */
export interface PolicySetting<T> extends Setting<T> {
  /** A value below that of this setting is refused; `undefined`: there is no such setting. */
  readonly notBelow: keyof Policy | undefined;
  /** Rows with the same topic follow each other, and make one line of `doctor`. */
  readonly topic: string;
  /** The rule with its value as text, such as `15m`, `5` or `request`. */
  readonly clause: (value: string) => string;
}

/** What most rows have. */
const POLICY_ROW = { flag: undefined, group: "rotation policy", notBelow: undefined } as const;

const HOUR_S = 60 * 60;
const DAY_S = 24 * HOUR_S;
const WEEK_S = 7 * DAY_S;

const ROTATION_CLAUSES: Readonly<Record<string, string>> = {
  session: "a session stays on its key",
  request: "each request takes the next key",
  drain: "a session stays on its key; new ones go to the key whose window resets first",
};

/** One row for each field of {@link Policy}. */
export const POLICY_SETTINGS: { readonly [Key in keyof Policy]: PolicySetting<Policy[Key]> } = {
  rotation: {
    ...POLICY_ROW,
    name: "rotation",
    environment: "CLIPROXY_ROTATION",
    default: "session",
    ...oneOf("session", "request", "drain"),
    doc:
      "What stays on one key: a whole session while its key is usable, or only a single request. With drain, " +
      "sessions stay as well, and new ones go to the key whose usage window resets first, until that is used up.",
    topic: "rotation",
    clause: (word) => entryOf(ROTATION_CLAUSES, word) ?? word,
  },
  holdMs: {
    ...POLICY_ROW,
    name: "hold_seconds",
    environment: "CLIPROXY_HOLD_SECONDS",
    default: "20",
    ...seconds(0, HOUR_S),
    doc: "How long a request waits for a key to become available. 0 never waits.",
    topic: "hold",
    clause: (time) => `a request waits up to ${time} when no key is free`,
  },
  maxAttempts: {
    ...POLICY_ROW,
    name: "max_attempts",
    environment: "CLIPROXY_MAX_ATTEMPTS",
    default: "8",
    ...wholeNumber(1, 1000),
    doc: "At most this many attempts are made for one request, each with another key.",
    topic: "attempts",
    clause: (count) => `at most ${count} for one request`,
  },
  cooldownBaseMs: {
    ...POLICY_ROW,
    name: "cooldown_seconds",
    environment: "CLIPROXY_COOLDOWN_SECONDS",
    default: "30",
    ...seconds(0.05, DAY_S),
    doc:
      "The cooldown of a rate-limited key when the upstream names no time. It doubles with each strike in a row.",
    topic: "cooldown",
    clause: (time) => `${time} after a 429 that names no time`,
  },
  cooldownMaxMs: {
    ...POLICY_ROW,
    name: "cooldown_max_seconds",
    environment: "CLIPROXY_COOLDOWN_MAX_SECONDS",
    default: "900",
    ...seconds(0.05, WEEK_S),
    doc: "The longest such cooldown. Not below `cooldown_seconds`.",
    notBelow: "cooldownBaseMs",
    topic: "cooldown",
    clause: (time) => `doubles with each strike, up to ${time}`,
  },
  strikesToEject: {
    ...POLICY_ROW,
    name: "strikes_to_eject",
    environment: "CLIPROXY_STRIKES_TO_EJECT",
    default: "5",
    ...wholeNumber(1, 1000),
    doc: "A key is blacklisted after this many rate limits in a row that named no time.",
    topic: "cooldown",
    clause: (count) => `after ${count} strikes in a row the key is blacklisted`,
  },
  ejectionBaseMs: {
    ...POLICY_ROW,
    name: "blacklist_seconds",
    environment: "CLIPROXY_BLACKLIST_SECONDS",
    default: "900",
    ...seconds(0.05, DAY_S),
    doc: "How long a key is blacklisted after the upstream rejected it. It doubles each time.",
    topic: "blacklisted",
    clause: (time) => `${time} after a 401 or 403`,
  },
  ejectionMaxMs: {
    ...POLICY_ROW,
    name: "blacklist_max_seconds",
    environment: "CLIPROXY_BLACKLIST_MAX_SECONDS",
    default: "21600",
    ...seconds(0.05, WEEK_S),
    doc: "The longest time a key is blacklisted. Not below `blacklist_seconds`.",
    notBelow: "ejectionBaseMs",
    topic: "blacklisted",
    clause: (time) => `doubles each time, up to ${time}`,
  },
  maxEjectedPercent: {
    ...POLICY_ROW,
    name: "max_ejected_percent",
    environment: "CLIPROXY_MAX_EJECTED_PERCENT",
    default: "50",
    ...wholeNumber(1, 100),
    doc:
      "At most this share of the keys is blacklisted for a 403 at once: a 403 with another cause must not empty the pool.",
    topic: "blacklisted",
    clause: (percent) => `at most ${percent}% of the keys for a 403`,
  },
  trialIntervalMs: {
    ...POLICY_ROW,
    name: "trial_seconds",
    environment: "CLIPROXY_TRIAL_SECONDS",
    default: "20",
    ...seconds(0.05, HOUR_S),
    doc: "The shortest time between two trials of a key on probation.",
    topic: "probation",
    clause: (time) => `a trial every ${time}`,
  },
  trialSuccesses: {
    ...POLICY_ROW,
    name: "trial_successes",
    environment: "CLIPROXY_TRIAL_SUCCESSES",
    default: "2",
    ...wholeNumber(1, 100),
    doc: "How many trials in a row have to succeed to end a key's probation.",
    topic: "probation",
    clause: (count) => `${count} successes in a row end it`,
  },
  minRemainingPercent: {
    ...POLICY_ROW,
    name: "limit_min_remaining_percent",
    environment: "CLIPROXY_LIMIT_MIN_REMAINING_PERCENT",
    default: "0",
    ...wholeNumber(0, 99),
    doc:
      "The reserve: a key with no more than this left in a usage window gets no requests. 0 keeps no reserve.",
    topic: "reserve",
    clause: (percent) => `a key is used until ${percent}% of a window is left`,
  },
};

/** The keys of {@link Policy}, in the order of the rows. */
export const POLICY_KEYS = Object.keys(POLICY_SETTINGS) as readonly (keyof Policy)[];
