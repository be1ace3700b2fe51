/**
 * Puts a question of our own to the upstream and reads the whole answer as text. Such a question spends nothing.
 * @module
 */

import { streamOf } from "../system/http_body.ts";
import { type Clock, withDeadline } from "../system/clock.ts";
import type { SendUpstream } from "../system/http.ts";
import { readTextHead } from "./body.ts";
import type { Question } from "./upstream.ts";

/** A whole answer to a question. */
export interface QuestionAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** As the upstream sent them. */
  readonly headers: Headers;
  /** The beginning of the body, at most 256 KiB. */
  readonly text: string;
}

/** How a question is put. */
export interface AskOptions {
  /** The way to the upstream. */
  readonly send: SendUpstream;
  /** Measures the timeout. */
  readonly clock: Clock;
  /** For the whole answer. */
  readonly timeoutMs: number;
  /** Ends the question early; absent when only the timeout may. */
  readonly signal?: AbortSignal;
}

// A real usage page has 2 kB.
const MAX_ANSWER_BYTES = 262_144;

/**
 * The answer, or `undefined` when it was not whole in time.
 * @throws {@link SendError} when there is none
 */
export function ask(question: Question, options: AskOptions): Promise<QuestionAnswer | undefined> {
  const { send, clock, timeoutMs } = options;
  return withDeadline(clock, timeoutMs, async (deadline) => {
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
    const { status, headers, body } = await send({ ...question, signal });
    return { status, headers, text: await readTextHead(streamOf(body), MAX_ANSWER_BYTES, signal) };
  });
}
