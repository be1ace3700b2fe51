/**
 * The JSON of `cdx2 doctor --replay FILE --json`. At run time only its types are used.
 * @module
 */

import { byName, count, field, list, object, text, time, type ValueOf } from "../../api/json_types.ts";
import { settings } from "../../api/setting.ts";

const counts = byName(count);

/** What happened, or would have happened, in numbers. */
export const tally = object({
  requests: field(count, "requests of clients"),
  served: field(count, "those that got the upstream's answer, whatever it said"),
  refused: field(counts, "those that the proxy answered itself, by the type of its answer"),
  attempts: field(count, "attempts at the upstream"),
  outcomes: field(counts, "attempts by outcome"),
  picks: field(counts, "attempts by key"),
  sessions: field(count, "sessions that the requests name"),
  key_changes: field(count, "how often a session was served by another key than the time before"),
  cooldowns: field(count, "how often a key began to cool down"),
  ejections: field(count, "how often a key was blacklisted"),
});
/** What happened, or would have happened, in numbers. */
export type TallyView = ValueOf<typeof tally>;

/** The answer of `doctor --replay FILE --json`. */
export const replayReport = object({
  file: field(text, "the event log that was replayed"),
  from: field(time, "when its first request came"),
  to: field(time, "when its last request ended"),
  lines: field(
    object({
      total: field(count, "all lines"),
      other: field(count, "events that say nothing about requests and keys"),
      unreadable: field(count, "lines that are not events, or damaged; they were left out"),
    }),
    "lines of the file that are not empty",
  ),
  keys: field(list(text), "the keys that the file names"),
  rules: field(settings, "what was replayed with; those given by `--set` are `flag`"),
  recorded: field(tally, "what happened"),
  replayed: field(tally, "what would have happened under the rules"),
  notes: field(list(text), "what had to be assumed, a sentence each"),
});
/** The answer of `doctor --replay FILE --json`. */
export type ReplayView = ValueOf<typeof replayReport>;
