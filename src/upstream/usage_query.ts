/**
 * Asks the upstream what one key has used of its limits. Such a question spends nothing. Whatever goes wrong becomes a
 * short reason for this key; a reason never repeats what the upstream wrote, which may hold the token.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import { parseUsage, type UsageAnswer } from "../auth/usage.ts";
import { parseJson } from "../values/json.ts";
import { type Clock, wallMs } from "../system/clock.ts";
import { SendError, type SendUpstream } from "../system/http.ts";
import { ask } from "./question.ts";
import type { Upstream } from "./upstream.ts";
import { latencyText } from "../values/durations.ts";

/** How keys are asked for their usage. */
export interface AskUsageOptions {
  /** The way to the upstream. */
  readonly send: SendUpstream;
  /** Measures the timeout, and dates what was read. */
  readonly clock: Clock;
  /** Where the keys are asked. */
  readonly upstream: Upstream;
  /** For the whole answer. */
  readonly timeoutMs: number;
  /** Names this program. */
  readonly userAgent: string;
}

/** Asks for one key. Rejects only for a bug. */
export async function askUsage(options: AskUsageOptions, key: AuthRecord): Promise<UsageAnswer> {
  const { clock, upstream, timeoutMs, userAgent } = options;
  try {
    const answer = await ask(upstream.usageQuestion(key, userAgent), options);
    if (!answer) return failed(`no answer within ${latencyText(timeoutMs)}`);
    return answerIn(answer.status, answer.text, wallMs(clock));
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return failed(`${error.failure === "not_sent" ? "not reachable" : "broken off"}: ${error.message}`);
  }
}

function answerIn(status: number, text: string, nowMs: number): UsageAnswer {
  if (status !== 200) return failed(`${refusalText(status, text)} (${status})`);
  const body = parseJson(text);
  const usage = parseUsage(body, nowMs);
  if (usage) return { kind: "usage", usage };
  return failed(body === undefined ? "the answer is not JSON" : "the answer says nothing about usage");
}

function refusalText(status: number, text: string): string {
  if (status === 401) return "token rejected";
  if (status === 403) return /^\s*</.test(text) ? "blocked by a page for browsers" : "token refused";
  if (status === 404 || status === 405) return "no usage page there";
  if (status === 429) return "asked too often";
  if (status >= 500) return "upstream failed";
  return status >= 300 && status < 400 ? "sent elsewhere" : "unexpected status";
}

function failed(reason: string): UsageAnswer {
  return { kind: "failed", reason };
}
