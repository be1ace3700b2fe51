/**
 * What a trial's answer proves about its key. Pure. The prober of the proxy and the replay both judge by it.
 * @module
 */

import type { Trial } from "../auth/lease.ts";
import { usageResetMs } from "../auth/limits.ts";
import type { Outcome } from "../auth/outcome.ts";
import { parseUsage, type Usage } from "../auth/usage.ts";
import { parseJson } from "../values/json.ts";
import { classify } from "./classify.ts";
import type { QuestionAnswer } from "./question.ts";

/** What an answer to a trial says. */
export interface TrialFinding {
  readonly outcome: Outcome;
  /** What the key has used, where the answer is a usage page. */
  readonly usage: Usage | undefined;
}

/** Reads the answer to a trial; `isChatGpt` says that it was asked for the usage page of the ChatGPT backend. */
export function readTrial(
  { status, headers, text }: QuestionAnswer,
  isChatGpt: boolean,
  nowMs: number,
): TrialFinding {
  // A copy of the backend without such a page let the token through; it cannot say more.
  if (status === 404 || status === 405) return { outcome: { kind: "ok" }, usage: undefined };
  if (!isChatGpt || status >= 300) {
    return { outcome: classify({ status, headers, bodyText: text }, nowMs), usage: undefined };
  }
  const usage = parseUsage(parseJson(text), nowMs);
  return { outcome: usage && !usage.allowed ? limitStands(usage) : { kind: "ok" }, usage };
}

/**
 * What is applied to the key of a trial that had this outcome; `undefined` when it proves nothing. To a key that waits for
 * its quota only a rejected token is applied: whether the quota is back is told by the usage page, which is applied by
 * itself ({@link TrialFinding.usage}).
 */
export function trialVerdict({ waitsForQuota }: Trial, outcome: Outcome): Outcome | undefined {
  return waitsForQuota && outcome.kind !== "auth_rejected" ? undefined : outcome;
}

function limitStands(usage: Usage): Outcome {
  const untilMs = usageResetMs(usage);
  const limit = { kind: "rate_limited", code: "usage_limit_reached", scope: "key" } as const;
  return untilMs === undefined ? limit : { ...limit, untilMs };
}
