/**
 * What is known and kept of one attempt: the attempt as a value, and its end as the trace and the pool learn it.
 * @module
 */

import type { Credits } from "../auth/credits.ts";
import type { WindowReading } from "../auth/limits.ts";
import type { Outcome } from "../auth/outcome.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { SomeBody } from "../system/http_body.ts";
import type { Failure, NoAnswer } from "./attempt_watch.ts";
import type { StreamEnd } from "./stream.ts";
import type { TokenCounts } from "./token_counts.ts";

/** What goes to the client of an answer, besides its status. The body is read once, or cancelled. */
export interface UpstreamAnswer {
  /** As the upstream sent them. */
  readonly headers: Headers;
  /** Null when there is none. */
  readonly body: SomeBody | null;
}

/** What every attempt has. */
export interface Made {
  /** The key that was used; `undefined` when the client's own login went through. */
  readonly key: AuthRecord | undefined;
  /** In the light of the whole pool. */
  readonly outcome: Outcome;
  /** When the verdict came, epoch milliseconds; for a stream that is judged at its end, its head. */
  readonly atMs: number;
}

/**
 * One attempt, from its key to its verdict. An answer whose stream is judged at its end has the outcome `ok` until
 * then. What only decides on the next step looks at no answer, so a replay makes attempts without any.
 */
export type Attempt<Answer = UpstreamAnswer> =
  | Made & { readonly kind: "answered"; readonly status: number | null; readonly answer: Answer }
  | Made & { readonly kind: "failed"; readonly failure: Failure }
  | Made & { readonly kind: "client_disconnected" };

/** How an answer ended; `truncated`: an event stream, cleanly, but without its final event. Wire names. */
export type StreamEnding = StreamEnd | "incomplete" | "failed" | "truncated";

/** How an attempt ended, as the trace and the pool learn it. */
export interface AttemptEnd {
  /** As the answer itself says. */
  readonly outcome: Outcome;
  /** Null when the upstream gave none. */
  readonly status: number | null;
  /** When the head of the answer came, a refusal's body included, on the clock that never goes back. */
  readonly headMs: number | undefined;
  /** Of a judged stream, and of any other answer that did not end well. */
  readonly ending: StreamEnding | undefined;
  /** Of a judged stream that went to the client. */
  readonly streamedBytes: number | undefined;
  /** Why there is no answer; `undefined` when the outcome's code says enough. */
  readonly error: string | undefined;
}

/** Takes down what an attempt finds out. */
export interface AttemptRecorder {
  /** The key that the attempt is made with; `undefined` when the client's own login goes through. */
  readonly key: AuthRecord | undefined;
  /** Called with the usage windows of the key, each time that the upstream names some. */
  noteWindows(readings: readonly WindowReading[]): void;
  /** Called with the credits of the key, each time that the upstream may have named them; `undefined` says nothing. */
  noteCredits(credits: Credits | undefined): void;
  /** Called with the outline of an answer, or of an event with a response, each time that more of it is known. */
  noteAnswer(outline: unknown): void;
  /** Called with the first event of a judged stream that shows something to the user. */
  noteStreaming(): void;
  /** Called each time that a judged stream tells what the answer costs. */
  noteTokens(tokens: TokenCounts): void;
  /** Called once, when the verdict is known. Returns the outcome in the light of the whole pool. */
  conclude(end: AttemptEnd): Outcome;
}

/** The end of an attempt whose answer is not a judged stream. */
export const NO_STREAM = { ending: undefined, streamedBytes: undefined, error: undefined } as const;

/** An attempt without an answer, recorded. */
export function unanswered(
  ending: NoAnswer,
  { recorder }: { readonly recorder: AttemptRecorder },
  atMs: number,
): Attempt & { readonly kind: "failed" | "client_disconnected" } {
  const end = { ...NO_STREAM, status: null, headMs: undefined };
  if (ending.kind === "client_disconnected") {
    const outcome = recorder.conclude({ ...end, outcome: { kind: "client_gone" } });
    return { kind: "client_disconnected", key: recorder.key, outcome, atMs };
  }
  const { failure } = ending;
  const code = failure.isTimeout ? "timeout" : "no_answer";
  const outcome = recorder.conclude({
    ...end,
    outcome: { kind: "origin_failed", code },
    error: failure.reason,
  });
  return { kind: "failed", key: recorder.key, outcome, atMs, failure };
}

/** What came of an answer that ended like this; `failure` judges the event that says that it failed. */
export function outcomeOf(ending: StreamEnding, failure: () => Outcome): Outcome {
  switch (ending) {
    case "completed":
    case "incomplete":
      return { kind: "ok" };
    case "failed":
      return failure();
    case "client_gone":
    case "client_stalled":
      return { kind: "client_gone" };
    case "truncated":
    case "broken":
    case "idle_timeout":
      return { kind: "origin_failed", code: `stream_${ending}` };
  }
}
