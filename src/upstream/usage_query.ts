/**
 * Asks the backend what one key has used of its limits. Such a question spends nothing. Whatever goes wrong ends as a
 * few words about this key; they never repeat what the upstream wrote, which may hold the token.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import { parseUsage, type UsageAnswer } from "../auth/usage.ts";
import { parseJson } from "../values/json.ts";
import { type Clock, withDeadline } from "../system/clock.ts";
import { type Send, SendError } from "../system/http.ts";
import { readTextHead } from "./body.ts";

export interface UsagePorts {
  readonly send: Send;
  readonly clock: Clock;
  /** The backend's address, without a slash at its end. */
  readonly baseUrl: string;
  /** For the whole answer. */
  readonly timeoutMs: number;
  readonly userAgent: string;
}

// A real answer has 2 kB.
const MAX_ANSWER_BYTES = 262_144;

/** Asks for one key; rejects only for a bug. */
export async function askUsage(ports: UsagePorts, key: AuthRecord): Promise<UsageAnswer> {
  const { send, clock, baseUrl, timeoutMs } = ports;
  const headers = headersFor(key, ports);
  try {
    const answer = await withDeadline(clock, timeoutMs, async (signal) => {
      const response = await send({ url: usageUrl(baseUrl), method: "GET", headers, signal });
      const text = await readTextHead(response.body, MAX_ANSWER_BYTES, signal);
      return answerIn(response.status, text, clock.nowMs());
    });
    return answer ?? failed(`no answer within ${timeoutMs / 1000} s`);
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return failed(`${error.failure === "not_sent" ? "not reachable" : "broken off"}: ${error.message}`);
  }
}

/** The page for a backend, whose paths are other ones when it has no `/backend-api` (Codex CLI, `chatgpt_base_url`). */
export function usageUrl(baseUrl: string): string {
  const isChatGpt = /\/backend-api(\/|$)/.test(new URL(baseUrl).pathname);
  return baseUrl + (isChatGpt ? "/wham/usage" : "/api/codex/usage");
}

function headersFor({ token, accountId }: AuthRecord, { userAgent }: UsagePorts): Headers {
  const headers = new Headers({
    accept: "application/json",
    // Otherwise Deno asks for compression by itself.
    "accept-encoding": "identity",
    authorization: `Bearer ${token.reveal()}`,
    "user-agent": userAgent,
  });
  if (accountId !== undefined) headers.set("chatgpt-account-id", accountId);
  return headers;
}

function answerIn(status: number, text: string, nowMs: number): UsageAnswer {
  if (status !== 200) return failed(`${refusalWords(status, text)} (${status})`);
  const body = parseJson(text);
  const usage = parseUsage(body, nowMs);
  if (usage) return { kind: "usage", usage };
  return failed(body === undefined ? "the answer is not JSON" : "the answer says nothing about usage");
}

function refusalWords(status: number, text: string): string {
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
