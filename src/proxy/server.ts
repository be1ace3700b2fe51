/**
 * The listening side: routes each request to where it is answered, counts those in flight, and drains.
 * @module
 */

import { CLIENT_PAGE, type ClientPage } from "../api/client_page.ts";
import type { KeyKind } from "../api/events.ts";
import type { ClientKey } from "../config/client_keys.ts";
import type { Settings } from "../config/settings_table.ts";
import type { Publish } from "../observability/event.ts";
import { faultEvent } from "../observability/fault_event.ts";
import type { Clock } from "../system/clock.ts";
import type { HttpAnswer } from "../system/http.ts";
import type { Exchange, HttpRequest } from "../system/exchange.ts";
import { ExchangeCount } from "../system/exchange_count.ts";
import { type Listener, serve } from "../system/http_server.ts";
import { type Admission, OVERLOADED } from "./admission.ts";
import { type AddressRange, addressRange } from "../config/address_range.ts";
import { clientAddress } from "./client_address.ts";
import type { ClientRequest } from "./client_request.ts";
import { isPreflight, makeReadable, preflightAnswer } from "./cross_origin.ts";
import type { Forwarder } from "./forward.ts";
import { clientNameOf } from "./clients.ts";
import { aboutPage, isOwnPath, pageFor } from "./own_pages.ts";
import { allowedOrigin, isSameKey, type KnownNames, refusalByOrigin } from "./guard.ts";
import { answerManagement, isManagementPath, type ManagementPorts } from "./management.ts";
import { type BodyLimits, RequestBodies } from "./request_body.ts";
import { looksKnown } from "./lookalike.ts";
import type { OwnAnswers } from "./own_answer.ts";
import {
  bodyStalled,
  bodyTooLarge,
  clientKeyNeeded,
  forbidden,
  internalError,
  NO_ROOM,
  NO_WEBSOCKET,
  noSuchPage,
  notForwardable,
  type Refusal,
  refuse,
  SHUTTING_DOWN,
  tooManyWrongKeys,
  toResponse,
} from "./refusal.ts";
import { withoutPin } from "./pin.ts";
import { isCodex, pathAndQuery, requestUrl } from "./rules.ts";
import { type KeyVerdict, WrongKeys } from "./wrong_keys.ts";
import type { RelayFigures, WsRelay } from "./ws_relay.ts";

// fetch refuses them, so they could not be passed on.
const UNSENDABLE_METHODS = ["CONNECT", "TRACE", "TRACK"];

/** What a {@link ProxyServer} works with. */
export interface ServerOptions {
  /** Where to listen, under which names, and the limits. */
  readonly settings: KnownNames & Pick<Settings, "port" | "drainMs" | "trustedProxies"> & BodyLimits;
  /** Dates events, and times the draining. */
  readonly clock: Clock;
  /** Reports refusals and faults. */
  readonly publish: Publish;
  /** Refuses requests that the process has no room for. */
  readonly admission: Admission;
  /** Makes the id of a request. */
  readonly newRequestId: () => string;
  /** The keys of clients; `undefined` when requests need none. */
  readonly clientKeys: () => readonly ClientKey[] | undefined;
  /** What a client may know; without what depends on its key. */
  readonly clientPage: () => Omit<ClientPage, "client">;
  /** Called with each wrong key that a caller presents. */
  readonly onWrongKey: (kind: KeyKind) => void;
  /** Takes the requests for the upstream. */
  readonly forwarder: Forwarder;
  /** Answers some of them in its place. */
  readonly ownAnswers: OwnAnswers;
  /** Takes the upgrades to WebSocket. */
  readonly webSockets: WsRelay;
  /** Called with the status of each answer to a client, management endpoints aside. */
  readonly onAnswer: (status: number) => void;
}

// Nobody finds a key by presenting none.
const NO_KEY: KeyVerdict = { kind: "wrong", isNews: false };

/** The server of the proxy: clients and the commands connect to it. */
export class ProxyServer {
  readonly #options: ServerOptions;
  readonly #trusted: readonly AddressRange[];
  readonly #exchanges = new ExchangeCount();
  readonly #bodies: RequestBodies;
  readonly #wrongKeys: Readonly<Record<KeyKind, WrongKeys>> = {
    management: new WrongKeys(),
    client: new WrongKeys(),
  };
  #listener: Listener | undefined;
  #management: ManagementPorts | undefined;
  #isDraining = false;
  /** With clients, and those with upstreams of the requests and WebSockets under way. */
  readonly #connections = () => {
    const { open } = this.#options.webSockets.figures;
    return (this.#listener?.open ?? 0) + this.#exchanges.count + 2 * open;
  };

  /** Does not listen yet. */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#trusted = options.settings.trustedProxies.flatMap((text) => addressRange(text) ?? []);
    this.#bodies = new RequestBodies(options.settings, options.clock);
  }

  /** Begins to listen, with these management endpoints. @throws {@link ListenError} */
  listen(management: ManagementPorts): void {
    const { clock, settings: { host, port, bodyIdleTimeoutMs } } = this.#options;
    this.#management = management;
    this.#listener = serve({
      hostname: host,
      port,
      clock,
      headTimeoutMs: bodyIdleTimeoutMs,
      onRefusing: (reason) => this.#reportRefusing(reason),
      onAccepting: () => this.#reportAccepting(),
    }, (request, exchange) => this.#handle(request, exchange));
  }

  /** The port that it listens on; before it listens, the one of the settings. */
  get port(): number {
    return this.#listener?.port ?? this.#options.settings.port;
  }

  /** Requests whose body or answer is still on its way to a client that takes it, calls on WebSockets included. */
  get inFlight(): number {
    return this.#exchanges.count + this.#options.webSockets.busyCount;
  }

  /** Figures of the relayed WebSockets. */
  get webSockets(): RelayFigures {
    return this.#options.webSockets.figures;
  }

  /** Whether new requests are refused. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Refuses new requests and resolves when those in flight have ended, at the latest after the drain time. */
  async drain(): Promise<void> {
    const { clock, settings: { drainMs }, webSockets } = this.#options;
    this.#isDraining = true;
    const timeUp = new AbortController();
    const ended = Promise.all([this.#exchanges.allEnded(), webSockets.drain()]).then(() => timeUp.abort());
    await Promise.race([ended, clock.sleep(drainMs, timeUp.signal)]);
    webSockets.cutAll();
  }

  async #handle(request: HttpRequest, exchange: Exchange): Promise<HttpAnswer> {
    const { pathname, search: query } = pathAndQuery(request.url);
    const { method, signal } = request;
    const { path, headers } = withoutPin(pathname, request.headers);
    const requestId = this.#options.newRequestId();
    const receivedMs = this.#options.clock.elapsedMs();
    const clientIp = clientAddress(exchange.clientIp, headers, this.#trusted);
    const who = { clientIp, clientName: undefined };
    const client = { requestId, method, path, query, headers, body: undefined, receivedMs, signal, ...who };
    const response = await this.#route(request, client, exchange)
      .catch((error) => this.#failed(error, client));
    const origin = allowedOrigin(headers, this.#options.settings);
    if (origin !== undefined) makeReadable(response.headers, origin);
    if (!isManagementPath(path)) this.#options.onAnswer(response.status);
    return response;
  }

  async #route(request: HttpRequest, from: ClientRequest, exchange: Exchange): Promise<HttpAnswer> {
    const { settings, forwarder, ownAnswers, webSockets } = this.#options;
    const { maxBodyBytes, bodyIdleTimeoutMs } = settings;
    const { method, headers, path } = from;
    const refused = (refusal: Refusal) => refuse(this.#options, refusal, from);
    const reason = refusalByOrigin(headers, settings);
    if (reason) return refused(forbidden(reason));
    if (isPreflight(method, headers) && allowedOrigin(headers, settings)) return preflightAnswer(headers);
    if (isManagementPath(path)) {
      const verdict = this.#managementVerdict(from);
      return await answerManagement(this.#management!, request, { url: requestUrl(request.url), verdict });
    }
    if (looksKnown(path, isOwnPath)) return refused(noSuchPage(path));
    if (path === "/" && (method === "GET" || method === "HEAD")) return aboutPage(from.requestId);
    const { verdict, clientName } = this.#clientVerdict(from);
    const client = { ...from, clientName };
    if (verdict.kind === "wrong") return refused(clientKeyNeeded(isCodex(headers)));
    if (verdict.kind === "wait") return refused(tooManyWrongKeys(verdict.waitMs));
    const isAdmitted = this.#options.admission.admits(this.#connections);
    if (headers.get("upgrade")?.toLowerCase() === "websocket") {
      return isAdmitted
        ? await webSockets.handle(client, exchange.upgrade)
        : toResponse(NO_WEBSOCKET, client.requestId);
    }
    if (this.#isDraining) return refused(SHUTTING_DOWN);
    if (!isAdmitted) return refused(OVERLOADED);
    if (UNSENDABLE_METHODS.includes(method)) return refused(notForwardable(`its method is ${method}`));
    this.#exchanges.begin(exchange.completed);
    if (path === CLIENT_PAGE) {
      return pageFor(client, { client: clientName ?? null, ...this.#options.clientPage() });
    }
    const own = await ownAnswers.answer(client);
    if (own.kind === "answer") return own.response;
    if (own.kind === "refuse") return refused(own.refusal);
    const reading = await this.#bodies.read(request);
    switch (reading.kind) {
      case "too_large":
        return refused(bodyTooLarge(maxBodyBytes));
      case "stalled":
        return refused(bodyStalled(bodyIdleTimeoutMs));
      case "no_room":
        return refused(NO_ROOM);
      case "broken":
        return refused(notForwardable("its body broke off"));
    }
    try {
      const body = reading.bytes?.length ? reading.bytes : undefined;
      if (body && (method === "GET" || method === "HEAD")) {
        return refused(notForwardable(`a ${method} with a body`));
      }
      const response = await forwarder.forward({
        ...client,
        body,
        keepBody: reading.keep,
        onStalled: exchange.close,
      });
      ownAnswers.noteForwarded(response.headers);
      return response;
    } finally {
      void reading.release();
    }
  }

  #managementVerdict(client: ClientRequest): KeyVerdict {
    const given = client.headers.get("x-management-key");
    const isRight = () => isSameKey(given, this.#management!.managementKey);
    return given === null ? NO_KEY : this.#check("management", client, isRight);
  }

  #clientVerdict(
    client: ClientRequest,
  ): Pick<ClientRequest, "clientName"> & { readonly verdict: KeyVerdict } {
    const { headers } = client;
    const keys = this.#options.clientKeys();
    let clientName: string | undefined;
    if (keys === undefined) return { verdict: { kind: "right" }, clientName };
    if (!headers.has("authorization") && !headers.has("x-api-key")) return { verdict: NO_KEY, clientName };
    const isRight = () => (clientName = clientNameOf(headers, keys)) !== undefined;
    const verdict = this.#check("client", client, isRight);
    return { verdict, clientName };
  }

  #check(kind: KeyKind, { clientIp }: ClientRequest, isRight: () => boolean): KeyVerdict {
    const { clock, publish, onWrongKey } = this.#options;
    const verdict = this.#wrongKeys[kind].check(clientIp, isRight, clock.elapsedMs());
    if (verdict.kind === "wrong") onWrongKey(kind);
    if (verdict.kind === "wrong" && verdict.isNews) {
      const message =
        `${clientIp} presents one wrong ${kind} key after another; it has to wait before each further one`;
      const fields = { client_ip: clientIp, kind };
      publish({ atMs: clock.nowMs(), level: "warning", event: "proxy.wrong_keys", message, fields });
    }
    return verdict;
  }

  #reportRefusing(reason: string): void {
    const message = `cannot accept connections: ${reason}; requests under way go on, and it tries again`;
    const { publish, clock } = this.#options;
    const fields = { reason };
    publish({ atMs: clock.nowMs(), level: "error", event: "proxy.accept_failed", message, fields });
  }

  #reportAccepting(): void {
    const { publish, clock } = this.#options;
    const message = "accepts connections again";
    publish({ atMs: clock.nowMs(), level: "info", event: "proxy.accept_recovered", message, fields: {} });
  }

  // A fault of ours ends one request, not the proxy.
  #failed(error: unknown, { requestId, method, path }: ClientRequest): Response {
    const { publish, clock } = this.#options;
    publish(faultEvent(error, clock.nowMs(), { request_id: requestId, method, path }));
    return toResponse(internalError(requestId), requestId);
  }
}
