/**
 * One client's WebSocket and the one to the upstream: carries out what ws_step.ts decides, and records each call as an
 * attempt.
 * @module
 */

import type { PickedLease } from "../auth/lease.ts";
import type { Cancel } from "../system/clock.ts";
import type { ClientListener, ClientSocket } from "../system/ws_upgrade.ts";
import type { MessageSocket } from "../system/ws_socket.ts";
import { blanked } from "../upstream/blank.ts";
import { CLOSE } from "../values/close_code.ts";
import { parseJson } from "../values/json.ts";
import { learnWhoLacksModel, learnWhoServes, type LoopPorts } from "./attempt_loop.ts";
import type { ClientRequest } from "./client_request.ts";
import type { ForwardPlan } from "./rules.ts";
import { nextStep } from "./step.ts";
import { type CallEnd, WsCall } from "./ws_call.ts";
import type { Opened, OpenEnd } from "./ws_dial.ts";
import {
  readCall,
  readCreated,
  readEvent,
  readFailure,
  responseIdIn,
  withoutPreviousId,
} from "./ws_frame.ts";
import { SessionKey } from "./ws_key.ts";
import { HeldMessages } from "./ws_held.ts";
import { OPENED, type WsAction, type WsEvent, wsStep } from "./ws_step.ts";

/** What a {@link WsSession} works with. */
export interface SessionOptions {
  /** Gives the keys, and learns from the calls. */
  readonly ports: LoopPorts;
  /** The client's request that was upgraded. */
  readonly request: ClientRequest;
  /** How it was forwarded. */
  readonly plan: ForwardPlan;
  /** How long a call may wait for a key. */
  readonly holdMs: number;
  /** The connection to begin with. */
  readonly opened: Opened;
  /** Opens one with another key, for this call. */
  readonly open: (call: WsCall, signal: AbortSignal) => Promise<OpenEnd>;
  /** Whether a key is free that serves over HTTP alone. */
  readonly isHttpLeft: () => boolean;
  /** More than this may not wait for one side. */
  readonly maxBufferedBytes: () => number;
  /** Called when the client's messages turn out to be too large. */
  readonly onTooLarge: () => void;
  /** Called when a call is made again with another key (`replay`), or the client is asked to do so (`resend`). */
  readonly onRecovery: (how: "replay" | "resend") => void;
  /** Called once, when the session is over. */
  readonly onEnd: () => void;
}

// The backend ends a connection after an hour, whatever is under way. An idle one costs nothing to close.
const MAX_AGE_MS = 55 * 60_000;
// A UTF-16 unit is three bytes of UTF-8 at most, so shorter texts need not be measured.
const MEASURED_CHARS = 5 * 2 ** 20;

/** A session, from its opening to its end. */
export class WsSession implements ClientListener {
  readonly #options: SessionOptions;
  readonly #leaving = new AbortController();
  readonly #cancelAge: Cancel;
  #client: ClientSocket | undefined;
  #upstream: MessageSocket;
  #key: SessionKey;
  #state = OPENED;
  readonly #calls: WsCall[] = [];
  #callCount = 0;
  readonly #held: HeldMessages;
  /** What the client sent while the next key is dialled. */
  readonly #waiting: string[] = [];
  #waitingChars = 0;

  /** Listens to nobody yet. */
  constructor(options: SessionOptions) {
    const { opened, ports: { clock } } = options;
    this.#options = options;
    this.#upstream = opened.socket;
    this.#key = new SessionKey(options.ports, opened.lease);
    this.#held = new HeldMessages(clock, (text) => this.#toClient(text));
    this.#cancelAge = clock.after(MAX_AGE_MS, () => this.retire(CLOSE.restart));
  }

  /** The key that is in use. */
  get lease(): PickedLease {
    return this.#key.lease;
  }

  /** Whether a call is under way. */
  get isBusy(): boolean {
    return this.#state.calls.length > 0;
  }

  /** Whether the key is being changed. */
  get isMoving(): boolean {
    return this.#state.phase === "moving";
  }

  /** Gives it the client's side, before that is open. */
  attach(client: ClientSocket): void {
    this.#client = client;
  }

  /** The session is to end with this code when no call is under way. */
  retire(code: number): void {
    this.#happened({ kind: "retire", code });
  }

  /** The session ends with this code, whatever is under way. */
  cut(code: number): void {
    this.#happened({ kind: "cut", code });
  }

  onText(text: string): void {
    if (this.#state.phase !== "moving") return this.#fromClient(text);
    this.#waiting.push(text);
    this.#waitingChars += text.length;
    if (this.#waitingChars > this.#options.maxBufferedBytes()) this.#happened({ kind: "too_slow" });
  }

  onEnd(): void {
    this.#happened({ kind: "client_ended" });
  }

  onOpen(): void {
    const socket = this.#upstream;
    socket.listen({
      onText: (text, byteLength) => this.#fromUpstream(text, byteLength),
      onEnd: (end) => {
        if (socket === this.#upstream) this.#happened({ kind: "upstream_ended", code: end.code });
      },
    });
  }

  #fromClient(text: string): void {
    const message = readCall(text);
    const byteLength = text.length < MEASURED_CHARS ? text.length : new TextEncoder().encode(text).length;
    if (message) this.#calls.push(this.#newCall(text, message));
    if (this.#upstream.bufferedBytes > this.#options.maxBufferedBytes()) {
      return this.#happened({ kind: "too_slow" });
    }
    this.#happened({ kind: "client_message", call: message, byteLength }, text);
  }

  #newCall(text: string, message: ReturnType<typeof readCall>): WsCall {
    const { ports, request, plan, holdMs } = this.#options;
    const requestId = `${request.requestId}.${++this.#callCount}`;
    const call = new WsCall(ports, { request: { ...request, requestId }, plan, holdMs, text, message });
    call.begin(this.#key.take(call.plan.context));
    return call;
  }

  #fromUpstream(text: string, byteLength: number): void {
    const kind = readEvent(text);
    const call = this.#calls[0];
    call?.noteEvent(byteLength, kind === "visible");
    if (kind === "failure") return this.#failed(text);
    if (kind === "limits") this.#key.noteLimits(text);
    if (kind === "created") call?.noteResponse(readCreated(text));
    if (kind !== "completed" && kind !== "incomplete") {
      return this.#happened({ kind: "upstream_event", event: kind, warmId: undefined }, text);
    }
    const event = parseJson(text);
    call?.noteResponse(event);
    this.#conclude(this.#calls.shift(), { kind });
    const warmId = call?.isPrewarm ? responseIdIn(event) : undefined;
    this.#happened({ kind: "upstream_event", event: kind, warmId }, text);
    // Its next call then begins with the better key. Closing an idle connection costs the client nothing.
    if (call && this.#key.isOutranked(call.plan.context)) this.retire(CLOSE.restart);
  }

  #failed(text: string): void {
    const { ports: { pool, clock } } = this.#options;
    const failure = readFailure(text);
    // Also what is said while nothing is under way is about the key.
    const call = this.#calls.shift() ?? this.#newCall(text, undefined);
    this.#conclude(call, { kind: "failed", failure, text });
    const nowMs = clock.nowMs();
    const step = nextStep(pool, call.contextAt(nowMs), call.attempts, nowMs);
    // The next handshake then sends the client there.
    const isForHttp = step.kind === "refuse" && this.#options.isHttpLeft();
    const next = isForHttp ? { kind: "wait", untilMs: nowMs, renewals: [] } as const : step;
    this.#happened({ kind: "upstream_failure", failure, step: next }, text, call);
  }

  #conclude(call: WsCall | undefined, end: CallEnd): void {
    if (!call) return;
    const { ports } = this.#options;
    const attempt = call.conclude(end);
    if (attempt.outcome.kind === "client_gone") return;
    learnWhoServes(ports, attempt, call.plan);
    learnWhoLacksModel(ports, call.attempts, call.plan.context.model);
  }

  /** `text` is the message that it is about, `call` the one that failed or is made again. */
  #happened(event: WsEvent, text = "", call?: WsCall): void {
    const { state, actions } = wsStep(this.#state, event);
    this.#state = state;
    for (const action of actions) this.#do(action, { event, text, call });
  }

  #do(action: WsAction, { event, text, call }: Happening): void {
    switch (action.kind) {
      case "to_upstream":
        return this.#upstream.send(this.#key.named(text));
      case "hold":
        return this.#held.hold(text);
      case "to_client":
        this.#held.release();
        // Upstreams repeat a token that they refuse.
        return this.#toClient(
          event.kind === "upstream_failure" ? blanked(text, this.lease.record.token) : text,
        );
      case "move":
        return void this.#move(call!);
      case "replay":
        return this.#upstream.send(this.#key.named(withoutPreviousId(call!.text)));
      case "tell":
        this.#held.drop();
        if (action.isResend) this.#options.onRecovery("resend");
        return this.#client!.send(action.event);
      case "pin_to_http":
        return this.#options.onTooLarge();
      case "close":
        return this.#close(action.code, event);
    }
  }

  #toClient(text: string): void {
    if (this.#client!.bufferedBytes > this.#options.maxBufferedBytes()) {
      return this.#happened({ kind: "too_slow" });
    }
    this.#client!.send(text);
  }

  async #move(call: WsCall): Promise<void> {
    this.#held.drop();
    this.#upstream.close(CLOSE.normal);
    const end = await this.#options.open(call, this.#leaving.signal);
    if (end.kind !== "open") {
      const refusal = end.kind === "refused" ? end.refusal : undefined;
      return this.#happened({ kind: "not_moved", refusal });
    }
    const { socket, lease } = end.opened;
    if (this.#state.phase === "closed") return socket.close(CLOSE.normal);
    this.#upstream = socket;
    this.#key = new SessionKey(this.#options.ports, lease);
    this.#options.onRecovery("replay");
    this.#calls.push(call);
    call.begin(this.#key.take(call.plan.context));
    this.onOpen();
    this.#happened({ kind: "moved" }, "", call);
    this.#waitingChars = 0;
    for (const text of this.#waiting.splice(0)) this.onText(text);
  }

  #close(code: number, { kind }: WsEvent): void {
    this.#leaving.abort();
    this.#cancelAge();
    this.#held.drop();
    this.#waiting.length = 0;
    for (const call of this.#calls.splice(0)) this.#conclude(call, { kind: endOf(kind) });
    this.#client?.close(code);
    this.#upstream.close(CLOSE.normal);
    this.#options.onEnd();
  }
}

interface Happening {
  readonly event: WsEvent;
  readonly text: string;
  readonly call: WsCall | undefined;
}

/** How a call ended that was under way when the session did. */
function endOf(kind: WsEvent["kind"]): "broken" | "client_gone" | "closed" {
  if (kind === "client_ended") return "client_gone";
  return kind === "upstream_ended" ? "broken" : "closed";
}
