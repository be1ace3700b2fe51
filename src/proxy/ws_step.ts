/**
 * What to do with each thing that happens on a relayed WebSocket: the whole policy in one pure function. The upstream
 * keeps the history of a conversation on the connection, and the client keeps it too, so a call whose input is whole may be
 * made with another key, and any other is the client's to send again.
 * @module
 */

import type { EventKind } from "../upstream/stream_judge.ts";
import { CLOSE, mayBeSent } from "../values/close_code.ts";
import type { Refusal } from "./refusal.ts";
import type { Step } from "./step.ts";
import { ASK_AGAIN, type CallMessage, errorEvent, type FailureEvent, SEND_ALL_AGAIN } from "./ws_frame.ts";

/** A call that is under way. */
export interface Call {
  /** Its input is whole: it does not depend on the connection. */
  readonly isFull: boolean;
  /** It only prepares the connection. */
  readonly isPrewarm: boolean;
  /** The client may have seen something of its answer. */
  readonly isVisible: boolean;
}

/** What is known of a session. */
export interface WsState {
  /** `moving`: the next key is being dialled. `closed`: nothing more is to be done. */
  readonly phase: "open" | "moving" | "closed";
  /** Oldest first; Codex makes one at a time. */
  readonly calls: readonly Call[];
  /** The responses to calls that only prepared the connection: going on from one still sends the whole input. */
  readonly warmIds: readonly string[];
  /** The session is to be closed with this code as soon as no call is under way. */
  readonly retireCode: number | undefined;
}

/** A session that has just been opened. */
export const OPENED: WsState = { phase: "open", calls: [], warmIds: [], retireCode: undefined };

/** What happens on a session. */
export type WsEvent =
  /** `call` is `undefined` for a message of another kind. */
  | { readonly kind: "client_message"; readonly call: CallMessage | undefined; readonly byteLength: number }
  /** Any event but a failure. `warmId` is the response of a prewarm that is complete with it. */
  | {
    readonly kind: "upstream_event";
    readonly event: Exclude<EventKind, "failure">;
    readonly warmId: string | undefined;
  }
  /** `step` is what HTTP would do next, the failure judged and the pool told. */
  | { readonly kind: "upstream_failure"; readonly failure: FailureEvent; readonly step: Step }
  /** The upstream's connection has ended; `code` is the one of its close frame. */
  | { readonly kind: "upstream_ended"; readonly code: number | undefined }
  /** One side does not read: too much waits for it. */
  | { readonly kind: "too_slow" }
  | { readonly kind: "client_ended" }
  /** Another key has accepted the handshake. */
  | { readonly kind: "moved" }
  /** None has; `refusal` is what the client is to be told, `undefined` when it may try by itself. */
  | { readonly kind: "not_moved"; readonly refusal: Refusal | undefined }
  /** The session is to end when nothing is under way. */
  | { readonly kind: "retire"; readonly code: number }
  /** The session is to end now. */
  | { readonly kind: "cut"; readonly code: number };

/** What to do. */
export type WsAction =
  /** Hand the client's message on. */
  | { readonly kind: "to_upstream" }
  /** Hand the upstream's message on, after those that are held back. */
  | { readonly kind: "to_client" }
  /** Keep the upstream's message back for a moment: the user sees nothing of it, and another key may yet answer. */
  | { readonly kind: "hold" }
  /** Leave the upstream's connection with what is held back of it, and make the call again with the next key. */
  | { readonly kind: "move" }
  /** Make the call again, on the connection that has been opened. */
  | { readonly kind: "replay" }
  /** Send the client an event of our own in the place of what is held back. `isResend`: it is to send its call again. */
  | { readonly kind: "tell"; readonly event: string; readonly isResend: boolean }
  /** Answer this client's next upgrades with 426: its messages are too large for a WebSocket. */
  | { readonly kind: "pin_to_http" }
  /** Close both connections, this one with the code. */
  | { readonly kind: "close"; readonly code: number };

/** A state and what leads to it. */
export interface WsStep {
  /** The state after the event. */
  readonly state: WsState;
  /** In this order. */
  readonly actions: readonly WsAction[];
}

// The Codex backend closes the connection for a message of this size or more, with 1009; 16,777,000 bytes passed and
// 16,777,300 did not.
const MESSAGE_LIMIT_BYTES = 16 * 2 ** 20;
// One that is longer ago is not gone on from.
const MAX_WARM_IDS = 8;

/** The next state, and what is to be done. After a `close` there are no further actions. */
export function wsStep(state: WsState, event: WsEvent): WsStep {
  if (state.phase === "closed") return { state, actions: [] };
  switch (event.kind) {
    case "client_message":
      return afterClientMessage(state, event.call, event.byteLength);
    case "upstream_event":
      return afterEvent(state, event.event, event.warmId);
    case "upstream_failure":
      return afterFailure(state, event.failure, event.step);
    case "upstream_ended":
      return closing(state, closeCodeFor(event.code), event.code === CLOSE.tooLarge ? [PIN] : []);
    case "too_slow":
      return closing(state, CLOSE.internal);
    case "client_ended":
      return closing(state, CLOSE.normal);
    case "moved":
      return afterMove(state);
    case "not_moved":
      return closing(state, CLOSE.restart, event.refusal ? refusing(event.refusal) : []);
    case "retire":
      return whenIdle({ ...state, retireCode: event.code }, []);
    case "cut":
      return closing(state, event.code);
  }
}

const PIN: WsAction = { kind: "pin_to_http" };
// Of every event; made once.
const TO_UPSTREAM: readonly WsAction[] = [{ kind: "to_upstream" }];
const TO_CLIENT: readonly WsAction[] = [{ kind: "to_client" }];
const HOLD: readonly WsAction[] = [{ kind: "hold" }];

function afterClientMessage(state: WsState, call: CallMessage | undefined, byteLength: number): WsStep {
  if (byteLength >= MESSAGE_LIMIT_BYTES) return closing(state, CLOSE.tooLarge, [PIN]);
  const actions = TO_UPSTREAM;
  if (!call) return { state, actions };
  const { previousId, isPrewarm } = call;
  const isFull = previousId === undefined || state.warmIds.includes(previousId);
  return {
    state: { ...state, calls: [...state.calls, { isFull, isPrewarm, isVisible: false }] },
    actions,
  };
}

function afterEvent(
  state: WsState,
  event: Exclude<EventKind, "failure">,
  warmId: string | undefined,
): WsStep {
  const [first] = state.calls;
  switch (event) {
    case "completed":
    case "incomplete": {
      const others = state.calls.slice(1);
      const warmIds = warmId === undefined ? state.warmIds : [...state.warmIds, warmId].slice(-MAX_WARM_IDS);
      return whenIdle({ ...state, calls: others, warmIds }, TO_CLIENT);
    }
    case "visible":
      return first && !first.isVisible
        ? {
          state: { ...state, calls: [{ ...first, isVisible: true }, ...state.calls.slice(1)] },
          actions: TO_CLIENT,
        }
        : { state, actions: TO_CLIENT };
    case "limits":
    case "created":
    case "invisible":
      return { state, actions: first && !first.isVisible ? HOLD : TO_CLIENT };
  }
}

function afterFailure(state: WsState, failure: FailureEvent, step: Step): WsStep {
  if (failure.isForClient) return passedOn(state, failure);
  switch (step.kind) {
    case "relay":
    case "pass_through":
      return passedOn(state, failure);
    case "refuse":
      return closing(state, CLOSE.restart, refusing(step.refusal));
    // A key that is free in a moment is as good as another one: the handshake waits for it.
    case "wait":
    case "send":
      return elsewhere(state);
  }
}

// Another key is usable.
function elsewhere(state: WsState): WsStep {
  const [call, ...others] = state.calls;
  // Which of several calls failed is not known. Closing an idle connection costs the client nothing.
  if (!call || others.length > 0) return closing(state, CLOSE.restart);
  if (call.isVisible) return closing(state, CLOSE.restart, [telling(ASK_AGAIN, true)]);
  if (!call.isFull) return closing(state, CLOSE.restart, [telling(SEND_ALL_AGAIN, true)]);
  return { state: { ...state, phase: "moving", warmIds: [] }, actions: [{ kind: "move" }] };
}

// What was to end with the former connection goes on with the new one, unless the proxy stops.
function afterMove(state: WsState): WsStep {
  const retireCode = state.retireCode === CLOSE.restart ? undefined : state.retireCode;
  return { state: { ...state, phase: "open", retireCode }, actions: [{ kind: "replay" }] };
}

function passedOn(state: WsState, { isUnderstood }: FailureEvent): WsStep {
  if (!isUnderstood) return closing(state, CLOSE.internal);
  return whenIdle({ ...state, calls: state.calls.slice(1) }, TO_CLIENT);
}

// Codex prints an event with a 400 as JSON, and the body of a refused handshake as it is. It asks for the latter at once.
function refusing(refusal: Refusal): readonly WsAction[] {
  return refusal.status === 400 ? [] : [telling(errorEvent(refusal))];
}

function telling(event: string, isResend = false): WsAction {
  return { kind: "tell", event, isResend };
}

function whenIdle(state: WsState, actions: readonly WsAction[]): WsStep {
  const { retireCode, calls } = state;
  return retireCode !== undefined && calls.length === 0
    ? closing(state, retireCode, actions)
    : { state, actions };
}

function closing(state: WsState, code: number, before: readonly WsAction[] = []): WsStep {
  return { state: { ...state, phase: "closed", calls: [] }, actions: [...before, { kind: "close", code }] };
}

/** The code for the client when the upstream closed with `code`: the same, unless it says nothing or may not be sent. */
function closeCodeFor(code: number | undefined): number {
  return code !== undefined && mayBeSent(code) ? code : CLOSE.internal;
}
