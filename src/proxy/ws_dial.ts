/**
 * Handshakes with the upstream as attempts: each dialled with a key, and its refusal judged as any other, until one is
 * accepted. That one is not recorded, since the calls on it are.
 * @module
 */

import type { PickedLease } from "../auth/lease.ts";
import type { Outcome } from "../auth/outcome.ts";
import { wallMs } from "../system/clock.ts";
import type { Dial, Dialed, DialRequest } from "../system/ws_client.ts";
import type { MessageSocket } from "../system/ws_socket.ts";
import { type Attempt, NO_STREAM, unanswered } from "../upstream/attempt_end.ts";
import { AttemptWatch, type UpstreamLink } from "../upstream/attempt_watch.ts";
import { readTextHead } from "../upstream/body.ts";
import { type Asked, classify } from "../upstream/classify.ts";
import { readCreditHeaders } from "../upstream/credit_readings.ts";
import { errorDetailsIn } from "../upstream/error_details.ts";
import { readWindowHeaders, readWindows } from "../upstream/window_readings.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { CLOSE } from "../values/close_code.ts";
import { type LoopPorts, runAttempts } from "./attempt_loop.ts";
import type { AttemptRecord } from "./attempt_record.ts";
import type { ClientRequest } from "./client_request.ts";
import type { Refusal } from "./refusal.ts";
import type { ForwardPlan } from "./rules.ts";
import type { WsReach } from "./ws_reach.ts";

/** A socket to the upstream that nobody listens to yet. */
export interface OpenSocket {
  /** Of the acceptance. */
  readonly headers: Headers;
  /** The socket. */
  readonly socket: MessageSocket;
}

/** An attempt at a handshake; a refused one has no socket. */
export type DialAttempt = Attempt<OpenSocket | undefined>;

/** What handshakes are made with. */
export interface DialOptions {
  /** Know URLs and headers. */
  readonly upstreams: Upstreams;
  /** Gives the keys, and learns from the attempts. */
  readonly ports: LoopPorts;
  /** The way to an upstream. */
  readonly linkTo: (upstream: Upstream) => UpstreamLink;
  /** Learns which upstreams have no WebSocket. */
  readonly reach: WsReach;
  /** Makes them. */
  readonly dial: Dial;
  /** How many sockets are open with the key. */
  readonly openWith: (file: string) => number;
}

/** A socket and the key that it is open with. */
export interface Opened extends OpenSocket {
  /** The key. */
  readonly lease: PickedLease;
}

/** What came of the handshakes. */
export type OpenEnd =
  | { readonly kind: "open"; readonly opened: Opened }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** The upstream has no WebSocket for this client, for whatever reason: HTTP may do, or say more. */
  | { readonly kind: "none" }
  | { readonly kind: "client_disconnected" };

/** Makes handshakes until one is accepted, or no key is left. `attempts` are those that were made before. */
export async function openUpstream(
  options: DialOptions,
  { request, plan, attempts }: {
    readonly request: ClientRequest;
    readonly plan: ForwardPlan;
    readonly attempts: DialAttempt[];
  },
): Promise<OpenEnd> {
  const { upstreams, reach } = options;
  let used: PickedLease | undefined;
  const end = await runAttempts<OpenSocket | undefined>(options.ports, {
    request,
    plan,
    transport: "ws",
    attempts,
    make: async (recorder, lease) => {
      used = lease;
      const upstream = lease ? upstreams.of(lease.record) : upstreams.main;
      const headers = lease
        ? upstream.headersWithKey(request.headers, lease.record)
        : upstream.headersWithOwnLogin(request.headers);
      const { url } = upstream === upstreams.main ? plan : upstream.target(request.path, request.query);
      const handshake = { url, headers, signal: request.signal };
      const attempt = await dialOnce({ ...options, upstream }, { handshake, asked: plan.asked, recorder });
      const isNone = SAYS_NONE.has(attempt.outcome.kind) && lease && reach.noteNone(lease.record);
      return isNone ? passedOver(attempt) : attempt;
    },
    discard: closeSocket,
  });
  if (end.kind !== "relay") return end.kind === "refuse" ? { kind: "refused", refusal: end.refusal } : end;
  const { last } = end;
  if (last?.kind === "client_disconnected") return { kind: "client_disconnected" };
  if (last?.kind !== "answered" || !last.answer || !used) return { kind: "none" };
  // The calls on it are attempts, it is not one itself.
  attempts.pop();
  return { kind: "open", opened: { ...last.answer, lease: used } };
}

// A route that is not there, and an upstream that fails.
const SAYS_NONE: ReadonlySet<Outcome["kind"]> = new Set(["client_error", "origin_failed"]);

// Another key may be for an upstream that has WebSockets.
function passedOver({ key, atMs }: DialAttempt): DialAttempt {
  const outcome: Outcome = { kind: "other_account", code: NO_WEBSOCKET_HERE.code };
  return { kind: "answered", key, atMs, outcome, status: null, answer: undefined };
}

function closeSocket(attempt: DialAttempt): void {
  if (attempt.kind === "answered") attempt.answer?.socket.close(CLOSE.normal);
}

interface DialedFor {
  readonly handshake: DialRequest;
  readonly asked: Asked;
  readonly recorder: AttemptRecord;
}

/** Codex gives up after 15 s, so that a handshake with the next key has to fit in as well. */
export const HANDSHAKE_MAX_MS = 10_000;

/** Makes one attempt. Rejects only for a bug. */
async function dialOnce(
  { linkTo, dial, openWith, upstream }: DialOptions & { readonly upstream: Upstream },
  { handshake, asked, recorder }: DialedFor,
): Promise<DialAttempt> {
  const link = linkTo(upstream);
  const { clock } = link;
  const headTimeoutMs = Math.min(link.timeouts.headTimeoutMs, HANDSHAKE_MAX_MS);
  const watch = new AttemptWatch(
    { ...link, canConnect: undefined, timeouts: { ...link.timeouts, headTimeoutMs } },
    handshake.signal,
    // It goes on a connection of its own, so that there is none to be lost.
    "unsafe",
  );
  let dialed: Dialed;
  try {
    dialed = await dial({ ...handshake, headers: handshakeHeaders(handshake.headers), signal: watch.signal });
  } catch (error) {
    return unanswered(watch.endingOf(error), { recorder }, clock.nowMs());
  } finally {
    watch.stop();
  }
  const made = { kind: "answered", key: recorder.key, atMs: clock.nowMs() } as const;
  if (dialed.kind === "refused") {
    const { status, outcome } = await judged(dialed.response, { clock, openWith, recorder, asked });
    return { ...made, outcome, status, answer: undefined };
  }
  recorder.noteWindows(readWindowHeaders(dialed.headers, wallMs(clock)));
  recorder.noteCredits(readCreditHeaders(dialed.headers));
  recorder.abandon();
  return { ...made, outcome: { kind: "ok" }, status: 101, answer: dialed };
}

// The handshake has its own, and Codex sends no accept-encoding.
function handshakeHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of [...kept.keys()]) {
    if (name.startsWith("sec-websocket-") || name === "accept-encoding") kept.delete(name);
  }
  return kept;
}

async function judged(
  { status, headers, body }: Response,
  { clock, openWith, recorder, asked }: Pick<DialOptions, "openWith"> & Omit<DialedFor, "handshake"> & {
    readonly clock: UpstreamLink["clock"];
  },
): Promise<{ readonly status: number; readonly outcome: Outcome }> {
  const headMs = clock.elapsedMs();
  const bodyText = await readTextHead(body, Infinity);
  const details = errorDetailsIn(bodyText);
  recorder.noteWindows(readWindows(headers, details, wallMs(clock)));
  recorder.noteCredits(readCreditHeaders(headers));
  const said = classify({ status, headers, bodyText, details }, asked, wallMs(clock));
  const isCrowded = said.kind === "auth_rejected" && said.code === "http_403" &&
    openWith(recorder.key?.file ?? "") > 0;
  const outcome = recorder.conclude({
    ...NO_STREAM,
    outcome: said.kind === "ok" || isCrowded ? NO_WEBSOCKET_HERE : said,
    status,
    headMs,
  });
  return { status, outcome };
}

// A 403 that gives no reason, while other sockets of the key work: the backend does so when there are too many of them
// (about 50 were seen). So does an upstream that answers as if WebSocket had not been asked for. Neither is the key's fault.
const NO_WEBSOCKET_HERE: Outcome & { readonly kind: "origin_failed" } = {
  kind: "origin_failed",
  code: "no_websocket",
};
