/**
 * What a replay had to assume, said with every one: its figures are worth what its assumptions are.
 * @module
 */

import { isQuotaCode } from "../../auth/outcome.ts";
import type { Recording } from "../../replay/recording.ts";
import type { Rules } from "../../replay/replay.ts";

/** A sentence for each assumption that these figures rest on. */
export function replayNotes(recording: Recording, rules: Rules): readonly string[] {
  return [
    "an attempt that was made answers as it did; any other key answers as it was last found to be, or else as it " +
    "was found to be next",
    "a key's limits come and go when they did, however much it is used",
    "what was wrong with a request, or with the upstream, meets it with every key alike",
    `all ${recording.keys.length} keys that the log names are there from the beginning, and well`,
    ...conditionalNotes(recording, rules).flatMap(([isSo, note]) => isSo ? [note] : []),
  ];
}

function conditionalNotes(
  { requests, transitions, lines, resets, ownLogins }: Recording,
  rules: Rules,
): readonly (readonly [isSo: boolean, note: string])[] {
  const untried = requests.filter(({ attempts }) => attempts.length === 0).length;
  const hasBursts = transitions.some(({ event, cause = "" }) =>
    event === "auth.cooldown" && !isQuotaCode(cause)
  );
  return [
    [
      hasBursts,
      "a burst lasts as long as the cooldown that was recorded for it, so that a shorter one looks worse than it may be",
    ],
    [
      rules.minRemainingPercent > 0,
      "the log does not tell how full the usage windows were: limit_min_remaining_percent changes nothing here",
    ],
    [
      requests.every(({ session }) => session === undefined),
      "no request names its session, so none can stay on its key; under rotation=request the log does not tell it",
    ],
    [
      untried > 0,
      `${untried} requests were refused without an attempt: the log tells neither their session nor their model`,
    ],
    [resets > 0, `${resets} resets by hand are not repeated`],
    [ownLogins > 0, `${ownLogins} attempts with a client's own login are left out`],
    [lines.unreadable > 0, `${lines.unreadable} of ${lines.total} lines could not be read`],
  ];
}
