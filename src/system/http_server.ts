/**
 * The way in from the network: a server of HTTP/1.1 on connections of the system. docs/decisions says how it compares with
 * that of the runtime.
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import type { Handler } from "./exchange.ts";
import { ExchangeCount } from "./exchange_count.ts";
import { reasonOf } from "./http.ts";
import { listening, type Place } from "./listen.ts";
import { type ClientWire, ServerConnection } from "./server_connection.ts";

/** A server that listens. */
export interface Listener {
  /** The port that it listens on. */
  readonly port: number;
  /** How many connections there are, WebSockets not among them. */
  readonly open: number;
  /**
   * Stops listening, closes the connections without a request, and resolves when the open exchanges have ended. WebSockets
   * go on.
   */
  shutdown(): Promise<void>;
}

/** Where to listen, and how. */
export interface ListenOptions extends Place {
  /** Measures the times; absent: that of the system. */
  readonly clock?: Clock;
  /** How long a client may take for the head of a request, and for its first byte. */
  readonly headTimeoutMs?: number;
  /** Told when connections cannot be accepted, as when the process is out of descriptors, and why. It is tried again. */
  readonly onRefusing?: (reason: string) => void;
  /** Told when they are accepted again. */
  readonly onAccepting?: () => void;
}

/** {@link serve}, so that a test can listen without a socket. */
export type Listen = (options: ListenOptions, handle: Handler) => Listener;

const HEAD_TIMEOUT_MS = 60_000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [50, 1000];

/** A connection that comes in. */
export type ClientConnection = ClientWire & Pick<Deno.TcpConn, "remoteAddr" | "setNoDelay">;

/** What connections come from. A `Deno.TcpListener` is one, too. */
export interface Accepting {
  /** Where it listens. */
  readonly addr: Pick<Deno.NetAddr, "port">;
  /** The next connection. Rejects when there is none to be had, also once it is closed. */
  accept(): Promise<ClientConnection>;
  /** Listens no longer. */
  close(): void;
}

/** Listens, and serves what `listener` accepts. @throws {ListenError} */
export function serve(
  options: ListenOptions,
  handle: Handler,
  listener: Accepting = listening(options),
): Listener {
  const server = new Server(listener, options, handle);
  void server.acceptAll();
  return server;
}

// Of a connection that was reset before it was accepted, Linux no longer knows the other side; other systems say the rest.
const LEFT = [Deno.errors.NotConnected, Deno.errors.ConnectionAborted, Deno.errors.ConnectionReset];

/** The client that was to be accepted has gone meanwhile. */
function hasLeft(error: unknown): boolean {
  return LEFT.some((kind) => error instanceof kind);
}

class Server implements Listener {
  readonly #listener: Accepting;
  readonly #options: ListenOptions;
  readonly #handle: Handler;
  readonly #clock: Clock;
  readonly #connections = new Set<ServerConnection>();
  readonly #exchanges = new ExchangeCount();
  #isStopping = false;
  #dateSecond = -1;
  #dateText = "";

  constructor(listener: Accepting, options: ListenOptions, handle: Handler) {
    this.#listener = listener;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#handle = (request, exchange) => {
      this.#exchanges.begin(exchange.completed);
      return handle(request, exchange);
    };
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get open(): number {
    return this.#connections.size;
  }

  async shutdown(): Promise<void> {
    this.#isStopping = true;
    this.#listener.close();
    this.#closeWaiting();
    await this.#exchanges.allEnded();
  }

  /** Takes each connection that comes, until it is shut down. Never rejects. */
  async acceptAll(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping) {
      try {
        this.#take(await this.#listener.accept());
        if (failures > 0) this.#options.onAccepting?.();
        failures = 0;
      } catch (error) {
        if (this.#isStopping) return;
        if (hasLeft(error)) continue;
        if (failures++ === 0) this.#options.onRefusing?.(reasonOf(error));
        this.#closeWaiting();
        await this.#clock.sleep(Math.min(FIRST_PAUSE_MS * failures, LONGEST_PAUSE_MS));
      }
    }
  }

  #take(connection: ClientConnection): void {
    const { clock = systemClock, headTimeoutMs = HEAD_TIMEOUT_MS } = this.#options;
    try {
      connection.setNoDelay(true);
    } catch {
      // The client has left already.
    }
    const served = new ServerConnection(connection, {
      handle: this.#handle,
      clientIp: connection.remoteAddr.hostname,
      clock,
      headTimeoutMs,
      date: () => this.#date(),
      isStopping: () => this.#isStopping,
    });
    this.#connections.add(served);
    void served.serve().then(() => this.#connections.delete(served));
  }

  /** They hold descriptors and nobody waits for them. */
  #closeWaiting(): void {
    for (const connection of this.#connections) if (connection.isWaiting) connection.close();
  }

  /** The time as RFC 9110 §5.6.7 writes it. */
  #date(): string {
    const second = Math.floor(this.#clock.nowMs() / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#dateText = new Date(second * 1000).toUTCString();
    }
    return this.#dateText;
  }
}
