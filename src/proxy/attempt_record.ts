/**
 * What an attempt leaves behind: usage windows, ids and a verdict for the pool, and an event for the trace and the
 * logs.
 * @module
 */

import type { AttemptFields, RunningRow } from "../api/trace.ts";
import { nameHash } from "../auth/name_hash.ts";
import type { PickedLease } from "../auth/lease.ts";
import type { Credits } from "../auth/credits.ts";
import type { WindowReading } from "../auth/limits.ts";
import { meaningOf, type Outcome } from "../auth/outcome.ts";
import type { AuthRecord } from "../auth/record.ts";
import type { KeyPool } from "../auth/rotation.ts";
import type { EventLevel, Publish } from "../observability/event.ts";
import type { LiveRequests, Running } from "../observability/live_requests.ts";
import { type Clock, wallMs } from "../system/clock.ts";
import type { AttemptEnd, AttemptRecorder } from "../upstream/attempt_end.ts";
import type { TokenCounts } from "../upstream/token_counts.ts";
import type { RouteName } from "../upstream/upstream.ts";
import type { ClientRequest } from "./client_request.ts";
import type { ForwardPlan } from "./rules.ts";
import { idsGivenBy } from "./state_ids.ts";

/** Where attempts are recorded. */
export interface AttemptBooks {
  /** Learns the windows and the outcome. */
  readonly pool: KeyPool;
  /** Takes the event. */
  readonly publish: Publish;
  /** Shows it while it runs. */
  readonly live: LiveRequests;
  /** Times the attempt. */
  readonly clock: Clock;
}

/** Which attempt it is. */
export interface AttemptIdentity {
  /** The request that it is for. */
  readonly request: ClientRequest;
  /** How that is forwarded. */
  readonly plan: Pick<ForwardPlan, "route" | "session" | "model">;
  /** From 1, over all attempts of the request. */
  readonly number: number;
  /** `undefined` when the client's own login goes through. */
  readonly lease: PickedLease | undefined;
  /** How the request came. */
  readonly transport: Transport;
  /** Absent for a request of the user; true for a call that only prepares a WebSocket. */
  readonly isPrewarm?: boolean;
}

/** How a request came, and how it goes on. */
export type Transport = NonNullable<AttemptFields["transport"]>;

/** Records one attempt, which begins when this is constructed. */
export class AttemptRecord implements AttemptRecorder {
  readonly #books: AttemptBooks;
  readonly #identity: AttemptIdentity;
  /** On the clock that never goes back. */
  readonly #startedMs: number;
  /** The ids that the answer gave out so far: it is read in pieces. */
  readonly #givenIds = new Set<string>();
  readonly #running: Running;
  #tokens: TokenFields = {};
  /** When the answer began to show something, on the clock that never goes back. */
  #shownMs: number | undefined;

  /** Begins the attempt. */
  constructor(books: AttemptBooks, identity: AttemptIdentity) {
    this.#books = books;
    this.#identity = identity;
    this.#startedMs = books.clock.elapsedMs();
    const beganMs = wallMs(books.clock);
    this.#running = books.live.begin(() => runningRow(identity, "sent", beganMs));
  }

  get key(): AuthRecord | undefined {
    return this.#identity.lease?.record;
  }

  noteWindows(readings: readonly WindowReading[]): void {
    if (this.key) this.#books.pool.noteWindows(this.key, readings);
  }

  noteCredits(credits: Credits | undefined): void {
    if (this.key) this.#books.pool.noteCredits(this.key, credits);
  }

  noteAnswer(outline: unknown): void {
    if (!this.key) return;
    const { pool, clock } = this.#books;
    const fresh = idsGivenBy(outline).filter((id) => !this.#givenIds.has(id));
    for (const id of fresh) this.#givenIds.add(id);
    pool.affinity.remember(fresh.map((id) => nameHash("id", id)), this.key.file, clock.nowMs());
  }

  noteStreaming(): void {
    this.#shownMs ??= this.#books.clock.elapsedMs();
    this.#running.change({ state: "streaming" });
  }

  noteTokens(tokens: TokenCounts): void {
    this.#tokens = { ...this.#tokens, ...tokenFields(tokens) };
    this.#running.change(this.#tokens);
  }

  /** Nobody looks at it any more: a bug ended the request before there was a verdict. */
  abandon(): void {
    this.#running.end();
  }

  /** Publishes the attempt and applies its outcome to the pool. */
  conclude(end: AttemptEnd): Outcome {
    const { pool, publish, clock } = this.#books;
    const { request: { requestId, method, path, onStalled }, plan, lease } = this.#identity;
    const { outcome, status } = end;
    if (end.ending === "client_stalled") onStalled?.();
    const nowMs = clock.nowMs();
    this.#running.end();
    // Published before the change that it makes, so that the log reads in the order of cause and effect.
    publish({
      atMs: nowMs,
      level: levelOf(outcome, plan.route),
      event: "proxy.request",
      message: `${method} ${path}: ${status ?? "no answer"}`,
      fields: this.#fields(end, clock.elapsedMs()),
    });
    return lease ? pool.apply(lease, { outcome, nowMs, status, requestId, model: plan.model }) : outcome;
  }

  #fields(end: AttemptEnd, elapsedMs: number): AttemptFields {
    const { request, plan, number, lease, transport, isPrewarm } = this.#identity;
    const { outcome, status, headMs, ending, streamedBytes } = end;
    const error = end.error ?? ("code" in outcome ? outcome.code : undefined);
    const fields: Writable<AttemptFields> = {
      request_id: request.requestId,
      attempt: number,
      method: request.method,
      path: request.path,
      route: plan.route,
      status,
      latency_ms: tenths(elapsedMs - this.#startedMs),
      ttfb_ms: headMs === undefined ? null : tenths(headMs - this.#startedMs),
      waited_ms: tenths(this.#startedMs - request.receivedMs),
      auth_file: lease?.record.file ?? null,
      auth_email: lease?.record.email ?? null,
      picked: lease?.picked ?? null,
      client_ip: request.clientIp,
      outcome: outcome.kind,
      session: plan.session?.slice(0, SESSION_CHARS) ?? null,
      model: plan.model ?? null,
      transport,
    };
    if (this.#shownMs !== undefined) fields.first_token_ms = tenths(this.#shownMs - this.#startedMs);
    if (request.clientName !== undefined) fields.client = request.clientName;
    if (isPrewarm) fields.prewarm = true;
    if (ending !== undefined) fields.stream_end = ending;
    if (streamedBytes !== undefined) fields.streamed_bytes = streamedBytes;
    if (error !== undefined) fields.error = error;
    return Object.assign(fields, this.#tokens);
  }
}

// Spreads of what is usually absent cost more than all of the fields.
type Writable<Fields> = { -readonly [Name in keyof Fields]: Fields[Name] };

type TokenFields = Pick<AttemptFields, "input_tokens" | "cached_tokens" | "output_tokens">;

function tokenFields({ input, cached, output }: TokenCounts): TokenFields {
  return {
    ...(input === undefined ? {} : { input_tokens: input }),
    ...(cached === undefined ? {} : { cached_tokens: cached }),
    ...(output === undefined ? {} : { output_tokens: output }),
  };
}

/** The row of an attempt that begins, or of the wait for one. */
export function runningRow(
  { request, plan, number, lease }: AttemptIdentity,
  state: RunningRow["state"],
  beganMs: number,
): RunningRow {
  return {
    request_id: request.requestId,
    attempt: number,
    state,
    began_at: new Date(beganMs).toISOString(),
    method: request.method,
    path: request.path,
    route: plan.route,
    model: plan.model ?? null,
    session: plan.session?.slice(0, SESSION_CHARS) ?? null,
    auth_file: lease?.record.file ?? null,
    auth_email: lease?.record.email ?? null,
    client_ip: request.clientIp,
    ...clientFields(request),
  };
}

function clientFields({ clientName }: ClientRequest): Pick<AttemptFields, "client"> {
  return clientName === undefined ? {} : { client: clientName };
}

// Codex asks for plugins and settings that many accounts do not have: nobody has to look into the log.
function levelOf(outcome: Outcome, route: RouteName): EventLevel {
  const isOther = route === "other" && (outcome.kind === "client_error" || outcome.kind === "client_gone");
  return isOther ? "info" : meaningOf(outcome).level;
}

// Enough to tell sessions apart; what a client calls its session is its own affair.
const SESSION_CHARS = 13;

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
