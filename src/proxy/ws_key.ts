/**
 * The key of a session's connection to the upstream: taken again for each call, and told what the upstream says of it.
 * @module
 */

import type { PickedRequest } from "../auth/choice.ts";
import type { PickedLease } from "../auth/lease.ts";
import { wallMs } from "../system/clock.ts";
import { readCreditEvent } from "../upstream/credit_readings.ts";
import { textWithModelNamed } from "../upstream/model_name.ts";
import { readWindowEvent } from "../upstream/window_readings.ts";
import { parseJson } from "../values/json.ts";
import type { LoopPorts } from "./attempt_loop.ts";
import { choiceFor } from "./request_choice.ts";
import type { StepContext } from "./step.ts";

/** The key that a connection was opened with. */
export class SessionKey {
  readonly #ports: LoopPorts;
  #lease: PickedLease;
  /** Its call is the next one: a handshake counts as a use of the key already. */
  #isFresh = true;

  /** The handshake was made with this lease. */
  constructor(ports: LoopPorts, lease: PickedLease) {
    this.#ports = ports;
    this.#lease = lease;
  }

  /** The last one. */
  get lease(): PickedLease {
    return this.#lease;
  }

  /** Takes the key for a call. */
  take(context: StepContext): PickedLease {
    const { pool, clock } = this.#ports;
    const nowMs = clock.nowMs();
    this.#lease = this.#isFresh
      ? { ...this.#lease, startedMs: nowMs }
      : pool.lease(this.#lease.record, this.#choice(context, nowMs), nowMs);
    this.#isFresh = false;
    return this.#lease;
  }

  /** Whether another key is to serve the session from now on: one of a higher priority, or one that costs no credits. */
  isOutranked(context: StepContext): boolean {
    const { pool, clock } = this.#ports;
    const { file, priority } = this.#lease.record;
    const nowMs = clock.nowMs();
    const next = pool.pick(this.#choice(context, nowMs), nowMs)?.key;
    if (!next || next.file === file) return false;
    // Without a session, keys take turns.
    return context.session !== undefined || next.priority > priority;
  }

  /** A client's message as its upstream understands it, which may call the model by another name. */
  named(text: string): string {
    return textWithModelNamed(text, this.#lease.record.models);
  }

  /** Keeps what a `codex.rate_limits` event says. */
  noteLimits(text: string): void {
    const { pool, clock } = this.#ports;
    const event = parseJson(text);
    pool.noteWindows(this.#lease.record, readWindowEvent(event, wallMs(clock)));
    pool.noteCredits(this.#lease.record, readCreditEvent(event));
  }

  #choice(context: StepContext, nowMs: number): PickedRequest {
    const isPinned = context.pinned !== undefined;
    const pinned = isPinned ? this.#lease.record.file : undefined;
    const choice = choiceFor(this.#ports.pool, context, [], { pinned, nowMs });
    return { ...choice, picked: isPinned ? "pinned" : "session" };
  }
}
