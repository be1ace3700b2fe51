/**
 * The listening side: sorts each request to where it is answered, counts those under way, and drains.
 * @module
 */

import type { Publish } from "../observability/event.ts";
import type { Clock } from "../system/clock.ts";
import { type Exchange, type Listener, serve } from "../system/http.ts";
import { discardRest, readBody } from "../upstream/body.ts";
import type { ClientRequest, OwnAnswer } from "./client_request.ts";
import { forward, type ForwardPorts } from "./forward.ts";
import { refusalByOrigin } from "./guard.ts";
import { answerManagement, isManagementPath, type ManagementPorts } from "./management.ts";
import {
  bodyTooLarge,
  forbidden,
  NO_WEBSOCKET,
  notForwardable,
  type Refusal,
  refusalEvent,
  type Refused,
  SHUTTING_DOWN,
  toResponse,
} from "./refusal.ts";
import { requestUrl } from "./rules.ts";

// fetch refuses them, so they could not be passed on.
const UNSENDABLE_METHODS = ["CONNECT", "TRACE", "TRACK"];

export interface ServerPorts {
  readonly host: string;
  readonly port: number;
  readonly maxBodyBytes: number;
  readonly drainMs: number;
  readonly clock: Clock;
  readonly publish: Publish;
  /** Told of each answer to a client, management endpoints aside. */
  readonly onAnswer: (status: number) => void;
  readonly randomRequestId: () => string;
  readonly forwarding: ForwardPorts;
  /** Asked before the body is read: what the proxy answers in the upstream's place. */
  readonly answerItself: (request: ClientRequest) => Promise<OwnAnswer>;
  /** Told of the headers of each forwarded answer. */
  readonly onForwarded: (headers: Headers) => void;
  readonly management: ManagementPorts;
}

export class ProxyServer {
  readonly #ports: ServerPorts;
  readonly #listener: Listener;
  readonly #underWay = new Set<Promise<void>>();
  #isDraining = false;

  /** Begins to listen. @throws {@link ListenError} */
  constructor(ports: ServerPorts) {
    this.#ports = ports;
    this.#listener = serve({ hostname: ports.host, port: ports.port }, (request, exchange) => {
      return this.#handle(request, exchange);
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Requests whose body or answer is still under way. */
  get inFlight(): number {
    return this.#underWay.size;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Refuses new requests and resolves when those under way have ended, or their time is over. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    const timeUp = new AbortController();
    const ended = this.#allEnded().then(() => timeUp.abort());
    await Promise.race([ended, this.#ports.clock.sleep(this.#ports.drainMs, timeUp.signal)]);
  }

  async #allEnded(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #handle(request: Request, exchange: Exchange): Promise<Response> {
    const { method } = request;
    const url = requestUrl(request.url);
    const arrival = {
      requestId: this.#ports.randomRequestId(),
      method,
      path: url.pathname,
      clientIp: exchange.clientIp,
    };
    const response = await this.#route(request, url, exchange, arrival)
      .catch((error) => this.#failed(error, arrival));
    if (!isManagementPath(url.pathname)) this.#ports.onAnswer(response.status);
    return response;
  }

  async #route(request: Request, url: URL, exchange: Exchange, arrival: Refused): Promise<Response> {
    const { headers, method, signal } = request;
    const refuse = (refusal: Refusal) => this.#refuse(refusal, request, arrival);
    const reason = refusalByOrigin(headers, this.#ports.host);
    if (reason) return refuse(forbidden(reason));
    if (isManagementPath(url.pathname)) return await answerManagement(this.#ports.management, request, url);
    if (this.#isDraining) return refuse(SHUTTING_DOWN);
    // Not worth an event: Codex asks it at each start and goes on at once.
    if (headers.get("upgrade")?.toLowerCase() === "websocket") {
      return toResponse(NO_WEBSOCKET, arrival.requestId);
    }
    if (UNSENDABLE_METHODS.includes(method)) return refuse(notForwardable(`its method is ${method}`));
    this.#track(exchange.completed);
    const asked = { ...arrival, query: url.search, headers, body: undefined, signal };
    const own = await this.#ports.answerItself(asked);
    if (own.kind === "answer") return own.response;
    if (own.kind === "refuse") return refuse(own.refusal);
    const reading = await readBody(request, this.#ports.maxBodyBytes);
    if (reading.kind === "too_large") return refuse(bodyTooLarge(this.#ports.maxBodyBytes));
    if (reading.kind === "broken") return refuse(notForwardable("its body broke off"));
    const body = reading.bytes?.length ? reading.bytes : undefined;
    if (body && (method === "GET" || method === "HEAD")) {
      return refuse(notForwardable(`a ${method} with a body`));
    }
    const response = await forward(this.#ports.forwarding, { ...asked, body });
    this.#ports.onForwarded(response.headers);
    return response;
  }

  #track(completed: Promise<void>): void {
    const ended: Promise<void> = completed.catch(() => {}).finally(() => this.#underWay.delete(ended));
    this.#underWay.add(ended);
  }

  async #refuse(refusal: Refusal, { body }: Request, arrival: Refused): Promise<Response> {
    await discardRest(body);
    this.#ports.publish(refusalEvent(refusal, arrival, this.#ports.clock.nowMs()));
    return toResponse(refusal, arrival.requestId);
  }

  // A fault of ours ends one request, not the proxy.
  #failed(error: unknown, { requestId, method, path }: Refused): Response {
    const message = `unexpected: ${
      error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    }`;
    const fields = { request_id: requestId, method, path };
    this.#ports.publish({
      atMs: this.#ports.clock.nowMs(),
      level: "error",
      event: "proxy.error",
      message,
      fields,
    });
    return toResponse(internalError(requestId), requestId);
  }
}

function internalError(requestId: string): Refusal {
  const message = `cdx2 failed inside on this request; "cdx2 logs" shows it under ${requestId}`;
  return { status: 500, type: "internal_error", message };
}
