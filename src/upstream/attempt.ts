/**
 * One attempt at the upstream as one value: a request goes in, its verdict comes out. A refusal is judged by its head and
 * the beginning of its body; what becomes of other answers is in answer_relay.ts.
 * @module
 */

import { wallMs } from "../system/clock.ts";
import type { HttpAnswer, UpstreamRequest } from "../system/http.ts";
import { beginRefusal, isEventStream, type Refused, relayAnswer, relayEvents } from "./answer_relay.ts";
import { type Attempt, type AttemptRecorder, NO_STREAM, unanswered } from "./attempt_end.ts";
import { AttemptWatch, type UpstreamLink } from "./attempt_watch.ts";
import { type Asked, classify, isRefusal } from "./classify.ts";
import { readCreditHeaders } from "./credit_readings.ts";
import { errorDetailsIn } from "./error_details.ts";
import type { Repeating } from "./lost_connection.ts";
import { readWindows } from "./window_readings.ts";

/** What an attempt is made with, besides its request. */
export interface AttemptOptions {
  /** Of this attempt alone. */
  readonly recorder: AttemptRecorder;
  /** What is asked. An event stream that answers a model call is judged. */
  readonly asked: Asked;
  /** A JSON answer is read along, because it gives out ids. */
  readonly givesOutIds: boolean;
  /** What it would mean to send the request again. */
  readonly repeating: Repeating;
}

/**
 * Makes one attempt. The signal of `request` aborts when the client disconnects. Rejects only for a bug: what the
 * upstream and the client may do is in the value.
 */
export async function makeAttempt(
  link: UpstreamLink,
  request: UpstreamRequest,
  options: AttemptOptions,
): Promise<Attempt> {
  const { recorder, asked, givesOutIds } = options;
  const { clock } = link;
  const watch = new AttemptWatch(link, request.signal, options.repeating);
  let response: HttpAnswer;
  let refused: Refused | undefined;
  try {
    response = await link.send({ ...request, signal: watch.signal, mayReuse: watch.mayReuse });
    watch.headArrived();
    link.reuse.noteAnswer(watch.mayReuse);
    if (response.status >= 400) {
      refused = await beginRefusal(link, response, { recorder, signal: watch.signal });
    }
  } catch (error) {
    return unanswered(watch.endingOf(error), options, clock.nowMs());
  } finally {
    watch.stop();
  }
  const { status, headers } = response;
  const headMs = clock.elapsedMs();
  const bodyText = isRefusal(status) ? refused?.bodyText : undefined;
  const details = bodyText === undefined ? undefined : errorDetailsIn(bodyText);
  if (recorder.key) {
    recorder.noteWindows(readWindows(headers, details, wallMs(clock)));
    recorder.noteCredits(readCreditHeaders(headers));
  }
  const outcome = classify({ status, headers, bodyText, details }, asked, wallMs(clock));
  if (refused) {
    const judged = recorder.conclude({ ...NO_STREAM, outcome, status, headMs });
    return {
      kind: "answered",
      key: recorder.key,
      outcome: judged,
      atMs: clock.nowMs(),
      status,
      answer: refused.answer,
    };
  }
  const head = { response, headMs, signal: request.signal };
  if (asked.isModelCall && isEventStream(response)) return await relayEvents(link, head, { recorder, asked });
  return await relayAnswer(link, head, { recorder, givesOutIds, outcome });
}

/** Cancels the answer of an attempt that no client gets. */
export function discard(attempt: Attempt | undefined): void {
  if (attempt?.kind === "answered") attempt.answer.body?.cancel().catch(() => {});
}
