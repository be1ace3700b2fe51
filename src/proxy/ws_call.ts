/**
 * One call on a relayed WebSocket, from the client's message to its last event: recorded as an attempt with each key
 * that it is made with.
 * @module
 */

import type { PickedLease } from "../auth/lease.ts";
import type { Outcome } from "../auth/outcome.ts";
import { wallMs } from "../system/clock.ts";
import { type AttemptEnd, outcomeOf } from "../upstream/attempt_end.ts";
import { classify, classifyFailure } from "../upstream/classify.ts";
import { readCreditHeaders } from "../upstream/credit_readings.ts";
import { tokenCountsIn } from "../upstream/token_counts.ts";
import { readWindows } from "../upstream/window_readings.ts";
import { AttemptRecord } from "./attempt_record.ts";
import type { LoopPorts } from "./attempt_loop.ts";
import type { ClientRequest } from "./client_request.ts";
import type { ForwardPlan } from "./rules.ts";
import type { StepContext } from "./step.ts";
import type { DialAttempt } from "./ws_dial.ts";
import type { CallMessage, FailureEvent } from "./ws_frame.ts";

/** How a call ended. `closed`: we closed the connection for another reason. */
export type CallEnd =
  | { readonly kind: "completed" | "incomplete" | "broken" | "client_gone" | "closed" }
  | { readonly kind: "failed"; readonly failure: FailureEvent; readonly text: string };

/** What a call is. */
export interface CallOptions {
  /** With an id of its own. */
  readonly request: ClientRequest;
  /** Of the handshake. */
  readonly plan: ForwardPlan;
  /** How long it may wait for a key. */
  readonly holdMs: number;
  /** The client's message. */
  readonly text: string;
  /** What it is; `undefined` for what the upstream says while no call is under way. */
  readonly message: CallMessage | undefined;
}

/** A call. */
export class WsCall {
  /** The client's request, with the id of the call. */
  readonly request: ClientRequest;
  /** How it is forwarded. */
  readonly plan: ForwardPlan;
  /** It only prepares the connection. */
  readonly isPrewarm: boolean;
  /** Those made so far, refused handshakes included. */
  readonly attempts: DialAttempt[] = [];
  readonly #ports: LoopPorts;
  readonly #asked: ForwardPlan["asked"];
  readonly #holdMs: number;
  #text: string;
  #recorder: AttemptRecord | undefined;
  #headMs: number | undefined;
  #bytes = 0;
  #isVisible = false;

  /** Not begun yet. */
  constructor(ports: LoopPorts, { request, plan, holdMs, text, message }: CallOptions) {
    const model = message?.model ?? plan.model;
    this.#ports = ports;
    this.#text = text;
    this.#holdMs = holdMs;
    this.#asked = { isModelCall: true, namesAccountState: message?.previousId !== undefined };
    this.request = { ...request, receivedMs: ports.clock.elapsedMs() };
    this.plan = { ...plan, model, context: { ...plan.context, model } };
    this.isPrewarm = message?.isPrewarm ?? false;
  }

  /** The client's message; empty once the client has seen something of the answer. */
  get text(): string {
    return this.#text;
  }

  /** What the next step is decided from. The call may wait for a key as long as its handshake might. */
  contextAt(nowMs: number): StepContext {
    return { ...this.plan.context, holdUntilMs: nowMs + this.#holdMs };
  }

  /** It is made with this key. */
  begin(lease: PickedLease): void {
    const { request, plan, isPrewarm } = this;
    const number = this.attempts.length + 1;
    this.#headMs = undefined;
    this.#bytes = 0;
    this.#recorder = new AttemptRecord(this.#ports, {
      request,
      plan,
      number,
      lease,
      transport: "ws",
      isPrewarm,
    });
  }

  /** An event of its answer has come. */
  noteEvent(byteLength: number, isVisible: boolean): void {
    this.#headMs ??= this.#ports.clock.elapsedMs();
    this.#bytes += byteLength;
    if (!isVisible || this.#isVisible) return;
    this.#isVisible = true;
    this.#text = "";
    this.#recorder?.noteStreaming();
  }

  /** An event that carries the response itself has come, parsed: it names what lives at the account, and the cost. */
  noteResponse(event: unknown): void {
    this.#recorder?.noteAnswer(event);
    const tokens = tokenCountsIn(event);
    if (tokens) this.#recorder?.noteTokens(tokens);
  }

  /** Records how the attempt with the present key ended, and adds it to the others. */
  conclude(end: CallEnd): DialAttempt {
    const recorder = this.#recorder!;
    const atMs = this.#ports.clock.nowMs();
    if (end.kind === "failed") {
      const { headers, details } = end.failure;
      recorder.noteWindows(readWindows(headers, details, wallMs(this.#ports.clock)));
      recorder.noteCredits(readCreditHeaders(headers));
    }
    const ended = this.#endOf(end, wallMs(this.#ports.clock));
    const outcome = recorder.conclude({ ...ended, headMs: this.#headMs, streamedBytes: this.#bytes });
    const attempt: DialAttempt = {
      kind: "answered",
      key: recorder.key,
      outcome,
      atMs,
      status: ended.status,
      answer: undefined,
    };
    this.attempts.push(attempt);
    return attempt;
  }

  #endOf(end: CallEnd, nowMs: number): Omit<AttemptEnd, "headMs" | "streamedBytes"> {
    const failed = end.kind === "failed" ? end : undefined;
    const isWhole = end.kind === "completed" || end.kind === "incomplete";
    const ending = end.kind === "closed" ? "client_gone" : end.kind;
    return {
      outcome: outcomeOf(ending, () => this.#verdict(failed!, nowMs)),
      status: isWhole ? 200 : failed?.failure.status ?? null,
      ending,
      error: end.kind === "closed" ? "closed_by_cdx2" : undefined,
    };
  }

  #verdict({ failure, text }: CallEnd & { kind: "failed" }, nowMs: number): Outcome {
    const { isForClient, status, headers, details } = failure;
    if (isForClient) return { kind: "client_error", code: details.names[0] };
    const asked = this.#asked;
    return status === undefined || status < 400
      ? classifyFailure(details, { headers, asked }, nowMs)
      : classify({ status, headers, bodyText: text, details }, asked, nowMs);
  }
}
