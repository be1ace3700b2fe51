/**
 * What a replay has to assume. It is printed with every replay, because the figures depend on it.
 * @module
 */

import { isQuotaCode } from "../../auth/outcome.ts";
import type { Policy } from "../../config/policy.ts";
import { counted } from "../../values/durations.ts";
import type { Recording } from "../../replay/recording.ts";

/** A sentence for each assumption that the figures depend on. */
export function replayNotes(recording: Recording, rules: Policy): readonly string[] {
  return [
    "an attempt that was made gets its recorded answer; any other key answers as it last did, or else as it did next",
    "a key's limits begin and end when they did, however much it is used",
    "what was wrong with a request, or with the upstream, is the same with every key",
    recording.keys.length === 1
      ? "the key in the log exists from the start, and is ok at first"
      : `all ${recording.keys.length} keys in the log exist from the start, and are ok at first`,
    ...conditionalNotes(recording, rules).flatMap(([isSo, note]) => isSo ? [note] : []),
  ];
}

function conditionalNotes(
  { requests, transitions, lines, resets, ownLogins }: Recording,
  rules: Policy,
): readonly (readonly [isSo: boolean, note: string])[] {
  const untried = requests.filter(({ attempts }) => attempts.length === 0).length;
  const hasBursts = transitions.some(({ event, cause = "" }) =>
    event === "auth.cooldown" && !isQuotaCode(cause)
  );
  return [
    [
      hasBursts,
      "a burst lasts as long as the cooldown that was recorded for it, so a shorter cooldown may look worse than it would be",
    ],
    [
      rules.minRemainingPercent > 0,
      "the log does not tell how full the usage windows were: limit_min_remaining_percent changes nothing here",
    ],
    [
      requests.every(({ session }) => session === undefined),
      "no request names its session, so none can stay on its key; with rotation=request the log does not record it",
    ],
    [
      untried > 0,
      `${
        counted(untried, "request")
      } refused without an attempt: the log has neither their session nor their model`,
    ],
    [resets > 0, `${counted(resets, "reset")} by hand not repeated`],
    [ownLogins > 0, `${counted(ownLogins, "attempt")} with a client's own login left out`],
    [lines.unreadable > 0, `${lines.unreadable} of ${counted(lines.total, "line")} could not be read`],
  ];
}
