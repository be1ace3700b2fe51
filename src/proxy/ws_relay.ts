/**
 * Relays the WebSockets of clients: decides who gets one, keeps count of them, and ends those whose key is penalized or
 * that are left when the proxy stops.
 * @module
 */

import { RecentMap } from "../auth/recent_map.ts";
import type { KeyReport } from "../auth/key_report.ts";
import type { LiveRequests } from "../observability/live_requests.ts";
import type { Publish } from "../observability/event.ts";
import type { HttpAnswer } from "../system/http.ts";
import type { TunnelTo } from "../system/connect.ts";
import type { Dial } from "../system/ws_client.ts";
import type { Upgrade } from "../system/ws_upgrade.ts";
import type { UpstreamLink } from "../upstream/attempt_watch.ts";
import { blanked } from "../upstream/blank.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import type { KeyPool } from "../auth/rotation.ts";
import { CLOSE } from "../values/close_code.ts";
import type { LoopPorts } from "./attempt_loop.ts";
import type { ClientRequest } from "./client_request.ts";
import { clientDisconnected } from "./forward.ts";
import { NO_WEBSOCKET, notForwardable, refuse, toResponse } from "./refusal.ts";
import { namesIn } from "./request_names.ts";
import { type ForwardPlan, type ForwardRules, planForward } from "./rules.ts";
import type { StepContext } from "./step.ts";
import { HANDSHAKE_MAX_MS, type Opened, type OpenEnd, openUpstream } from "./ws_dial.ts";
import { WsReach } from "./ws_reach.ts";
import { WsSession } from "./ws_session.ts";

/** What a {@link WsRelay} works with. */
export interface RelayOptions {
  /** Know URLs and headers. */
  readonly upstreams: Upstreams;
  /** The clock and the timeouts of the way to an upstream. */
  readonly linkTo: (upstream: Upstream) => UpstreamLink;
  /** How connections get to an upstream. */
  readonly tunnelTo: TunnelTo;
  /** Makes handshakes; `undefined`: no WebSocket is relayed. */
  readonly dial: Dial | undefined;
  /** Gives the keys, and learns from the attempts. */
  readonly pool: KeyPool;
  /** Shows attempts while they run. */
  readonly live: LiveRequests;
  /** Reports attempts and refusals. */
  readonly publish: Publish;
  /** The settings of forwarding. */
  readonly rules: ForwardRules;
  /** Called with the headers of each acceptance. */
  readonly onAccepted: (headers: Headers) => void;
}

/** Figures since the start. */
export interface RelayFigures {
  /** Sessions that are open now. */
  readonly open: number;
  /** Calls that were made again with the next key, unseen. */
  readonly replays: number;
  /** Calls that clients were asked to send again. */
  readonly resends: number;
}

// A thread whose messages are too large stays so. It is over when it was not seen for a day.
const TOO_LARGE = { maxEntries: 1024, ttlMs: 24 * 3_600_000 };

/** More than this may not wait for one side of a session: it is as much as one message may have. */
const SESSION_BUFFERED_BYTES = 64 * 2 ** 20;
// Many sessions share: clients that never read would else take all memory before the runtime misses their pongs, which
// takes it half a minute.
const ALL_BUFFERED_BYTES = 512 * 2 ** 20;
const LEAST_BUFFERED_BYTES = 2 ** 20;

/** How much may wait for one side with this number of open sessions. A message that finds nothing waiting is always taken. */
export function maxBufferedBytes(sessions: number): number {
  const share = ALL_BUFFERED_BYTES / Math.max(1, sessions);
  return Math.max(LEAST_BUFFERED_BYTES, Math.min(SESSION_BUFFERED_BYTES, share));
}

// What the client is to know of the acceptance. Cookies belong to one account.
const PASSED_ON = [
  "x-models-etag",
  "x-codex-turn-state",
  "x-reasoning-included",
  "openai-model",
  "x-request-id",
  "cf-ray",
];

// Codex acts on these at a handshake as it does over HTTP. Anything else would cost it seven tries, or its login.
const KNOWN_REFUSALS = [400, 429];

/** All relayed WebSockets. */
export class WsRelay {
  readonly #options: RelayOptions;
  readonly #ports: LoopPorts;
  readonly #sessions = new Set<WsSession>();
  readonly #reach: WsReach;
  readonly #tooLarge = new RecentMap<true>(TOO_LARGE);
  #isDraining = false;
  #replays = 0;
  #resends = 0;
  #ended = Promise.withResolvers<void>();

  /** Relays to these upstreams. */
  constructor(options: RelayOptions) {
    const { pool, live, publish, upstreams, linkTo } = options;
    const { clock } = linkTo(upstreams.main);
    this.#options = options;
    this.#reach = new WsReach({ ...options, clock });
    this.#ports = { pool, live, publish, clock };
    void this.#watchKeys();
  }

  /** As of now. */
  get figures(): RelayFigures {
    return { open: this.#sessions.size, replays: this.#replays, resends: this.#resends };
  }

  /** How many calls are under way. */
  get busyCount(): number {
    return [...this.#sessions].filter(({ isBusy }) => isBusy).length;
  }

  /** Resolves with the answer to an upgrade, when the upstream has accepted one or none can be had. */
  async handle(request: ClientRequest, upgrade: Upgrade): Promise<HttpAnswer> {
    const { upstreams, rules } = this.#options;
    const planned = planForward(request, upstreams.main, {
      rules: { ...rules, holdMs: this.#holdMs },
      nowMs: this.#ports.clock.nowMs(),
      names: namesIn(request),
    });
    const plan = { ...planned, context: this.#withReach(planned.context) };
    // Not worth an event: Codex goes on over HTTP at once.
    if (!this.#isRelayed(request, plan)) return toResponse(NO_WEBSOCKET, request.requestId);
    const end = await this.#open(request, plan);
    if (end.kind === "open") return this.#accept(request, plan, end.opened, upgrade);
    if (end.kind === "client_disconnected") return clientDisconnected();
    if (end.kind === "refused" && KNOWN_REFUSALS.includes(end.refusal.status)) {
      return refuse(this.#ports, end.refusal, request);
    }
    return toResponse(NO_WEBSOCKET, request.requestId);
  }

  /** Ends idle sessions now and the others when they are idle; resolves when all have ended. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const session of this.#sessions) session.retire(CLOSE.goingAway);
    while (this.#sessions.size > 0) await this.#ended.promise;
  }

  /** Ends all sessions now. */
  cutAll(): void {
    for (const session of this.#sessions) session.cut(CLOSE.goingAway);
  }

  get #holdMs(): number {
    return Math.min(this.#options.rules.holdMs, HANDSHAKE_MAX_MS);
  }

  #isRelayed({ method, headers }: ClientRequest, { url, route, context }: ForwardPlan): boolean {
    const isTooLarge = this.#tooLarge.get(threadOf(headers) ?? "", this.#ports.clock.nowMs()) ?? false;
    const isHere = route === "request" && new URL(url).pathname.endsWith("/responses") && !context.isOwnLogin;
    return this.#options.dial !== undefined && !this.#isDraining && isHere && method === "GET" &&
      !isTooLarge &&
      this.#reach.isMainReachable && !this.#reach.isForHttp(context);
  }

  #withReach(context: StepContext): StepContext {
    return { ...context, withoutKeys: this.#reach.httpOnly() };
  }

  async #open(
    request: ClientRequest,
    plan: ForwardPlan,
    attempts: Parameters<typeof openUpstream>[1]["attempts"] = [],
  ): Promise<OpenEnd> {
    const options = {
      ...this.#options,
      ports: this.#ports,
      reach: this.#reach,
      dial: this.#options.dial!,
      openWith: (file: string) =>
        [...this.#sessions].filter(({ lease }) => lease.record.file === file).length,
    };
    const end = await openUpstream(options, { request, plan, attempts });
    // A refusal would keep Codex from asking over HTTP.
    return end.kind === "refused" && this.#reach.isHttpLeft() ? { kind: "none" } : end;
  }

  #accept(request: ClientRequest, plan: ForwardPlan, opened: Opened, upgrade: Upgrade): HttpAnswer {
    const { requestId, headers } = request;
    if (request.signal.aborted) {
      opened.socket.close(CLOSE.normal);
      return clientDisconnected();
    }
    const session = new WsSession({
      ports: this.#ports,
      request,
      plan,
      holdMs: this.#holdMs,
      opened,
      open: (call, signal) => {
        const nowMs = this.#ports.clock.nowMs();
        const context = this.#withReach(call.contextAt(nowMs));
        return this.#open({ ...call.request, signal }, { ...call.plan, context }, call.attempts);
      },
      isHttpLeft: () => this.#reach.isHttpLeft(),
      maxBufferedBytes: () => maxBufferedBytes(this.#sessions.size),
      onTooLarge: () => {
        const thread = threadOf(headers);
        if (thread !== undefined) this.#tooLarge.set(thread, true, this.#ports.clock.nowMs());
      },
      onRecovery: (how) => how === "replay" ? this.#replays++ : this.#resends++,
      onEnd: () => this.#remove(session),
    });
    try {
      const { response, socket } = upgrade(session);
      session.attach(socket);
      this.#sessions.add(session);
      this.#options.onAccepted(opened.headers);
      for (const name of PASSED_ON) {
        const value = opened.headers.get(name);
        if (value !== null) response.headers.set(name, blanked(value, opened.lease.record.token));
      }
      response.headers.set("x-cdx2-request-id", requestId);
      return response;
    } catch {
      session.cut(CLOSE.normal);
      return refuse(this.#ports, notForwardable("its WebSocket handshake is not valid"), request);
    }
  }

  #remove(session: WsSession): void {
    this.#sessions.delete(session);
    this.#ended.resolve();
    this.#ended = Promise.withResolvers<void>();
  }

  // Closing an idle connection costs a client nothing: it sends everything again on the next one, which gets a good key.
  async #watchKeys(): Promise<never> {
    const { pool, clock } = this.#ports;
    for (;;) {
      await pool.nextChange();
      const usable = pool.describe(clock.nowMs()).filter(mayKeepSocket).map(({ record }) => record);
      for (const session of this.#sessions) {
        const { file, token } = session.lease.record;
        const isUsable = usable.some((record) => record.file === file && record.token.equals(token));
        if (!session.isMoving && !isUsable) session.retire(CLOSE.restart);
      }
    }
  }
}

function mayKeepSocket({ standing }: KeyReport): boolean {
  return standing !== "disabled" && standing !== "cooldown" && standing !== "blacklist";
}

/** A thread has a WebSocket of its own; `undefined` for a client that does not name it. */
function threadOf(headers: Headers): string | undefined {
  return headers.get("thread-id") ?? headers.get("session-id") ?? undefined;
}
