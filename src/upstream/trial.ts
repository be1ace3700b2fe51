/**
 * What a trial's answer proves about its key. Pure. The prober of the proxy and the replay both judge by it.
 * @module
 */

import type { Trial } from "../auth/lease.ts";
import { usageResetMs } from "../auth/limits.ts";
import type { Outcome } from "../auth/outcome.ts";
import { parseUsage, permitsRequests, type Usage } from "../auth/usage.ts";
import { parseJson } from "../values/json.ts";
import { type Asked, classify } from "./classify.ts";
import type { QuestionAnswer } from "./question.ts";

/** How often the proxy looks for keys that are due for a trial. */
export const TRIAL_CHECK_INTERVAL_MS = 1000;

/** What an answer to a trial says. */
export interface TrialFinding {
  /** What it says about the key. */
  readonly outcome: Outcome;
  /** What the key has used, where the answer is a usage page. */
  readonly usage: Usage | undefined;
}

// A trial is not a model call: what its page refuses without a word about the token is not about the token.
const ABOUT_THE_KEY: Asked = { isModelCall: false, namesAccountState: false };

/** Reads the answer to a trial; `isChatGpt` says that it was asked for the usage page of the ChatGPT backend. */
export function readTrial(
  { status, headers, text }: QuestionAnswer,
  isChatGpt: boolean,
  nowMs: number,
): TrialFinding {
  // A copy of the backend without such a page let the token through; it cannot say more.
  if (status === 404 || status === 405) return { outcome: { kind: "ok" }, usage: undefined };
  if (!isChatGpt || status >= 300) {
    return { outcome: classify({ status, headers, bodyText: text }, ABOUT_THE_KEY, nowMs), usage: undefined };
  }
  const usage = parseUsage(parseJson(text), nowMs);
  return { outcome: usage && !permitsRequests(usage) ? limitStands(usage) : { kind: "ok" }, usage };
}

/**
 * What is applied to the key of a trial that was read as this; `undefined` when it proves nothing. A success proves that the token is let through, a
 * refusal about the token or its account that it is not, and a usage page that the quota is used up. Everything else is about the page that was
 * asked, and says nothing about model calls. To a key that waits for its quota only a rejection is applied: whether the quota is back is told by the
 * usage page, which is applied by itself ({@link TrialFinding.usage}).
 */
export function trialVerdict(
  { waitsForQuota }: Trial,
  { outcome, usage }: TrialFinding,
): Outcome | undefined {
  switch (outcome.kind) {
    case "auth_rejected":
      return outcome;
    case "ok":
      return waitsForQuota ? undefined : outcome;
    case "rate_limited":
      return waitsForQuota || usage === undefined ? undefined : outcome;
    default:
      return undefined;
  }
}

function limitStands(usage: Usage): Outcome {
  const untilMs = usageResetMs(usage);
  const isMoment = untilMs !== undefined;
  return { kind: "rate_limited", code: "usage_limit_reached", scope: "key", untilMs, isMoment };
}
