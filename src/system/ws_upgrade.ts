/**
 * A client's WebSocket, once its request is upgraded (RFC 6455 §4.2).
 * @module
 */

import type { Clock } from "./clock.ts";
import type { HttpAnswer } from "./http.ts";
import type { RequestHead } from "./server_head.ts";
import { acceptFor, isWebSocketUpgrade } from "./ws_head.ts";
import { type MessageSocket, type SocketPort, WsSocket } from "./ws_socket.ts";

/** Who listens to a client's socket. */
export interface ClientListener {
  /** Called once, when messages can be sent; never for a client that left before. */
  onOpen(): void;
  /** Called with each text message. */
  onText(text: string): void;
  /** Called once when the client is gone or has sent what is not text, unless we closed the socket ourselves. */
  onEnd(): void;
}

/** A client's socket. */
export type ClientSocket = Pick<MessageSocket, "bufferedBytes" | "send" | "close">;

/** A request on its way to a socket. */
export interface Upgraded {
  /** Accepts the upgrade; to be returned by the handler. Headers may be added to it. */
  readonly response: HttpAnswer;
  /** The socket. */
  readonly socket: ClientSocket;
}

/** Upgrades a request. @throws {TypeError} when it is not a valid handshake (RFC 6455 §4.2.1) */
export type Upgrade = (listener: ClientListener) => Upgraded;

// 16 bytes.
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** A request that becomes a socket. */
export class ServerUpgrade implements Upgraded {
  readonly response: HttpAnswer;
  readonly #listener: ClientListener;
  readonly #clock: Clock;
  #socket: WsSocket | undefined;
  #isOver = false;

  /** @throws {TypeError} when it is not a valid handshake */
  constructor(
    { method, headers, framing, isOld }: Pick<RequestHead, "method" | "headers" | "framing" | "isOld">,
    listener: ClientListener,
    clock: Clock,
  ) {
    const key = headers.get("sec-websocket-key") ?? "";
    const isVersion = headers.get("sec-websocket-version") === "13";
    const isPlain = method === "GET" && !isOld && framing.kind === "none";
    if (!isPlain || !isWebSocketUpgrade(headers) || !isVersion || !KEY.test(key)) {
      throw new TypeError("not a WebSocket handshake");
    }
    this.#listener = listener;
    this.#clock = clock;
    this.response = {
      status: 101,
      headers: new Headers({
        upgrade: "websocket",
        connection: "Upgrade",
        "sec-websocket-accept": acceptFor(key),
      }),
      body: null,
    };
  }

  /** The socket, which can be told to close before it is open. */
  get socket(): ClientSocket {
    const open = () => this.#socket;
    return {
      get bufferedBytes() {
        return open()?.bufferedBytes ?? 0;
      },
      send: (text) => open()?.send(text),
      close: (code, reason) => {
        this.#isOver = true;
        open()?.close(code, reason);
      },
    };
  }

  /** The answer has been sent on this connection. */
  open(port: SocketPort): void {
    if (this.#isOver) return port.close();
    const socket = new WsSocket(port, { clock: this.#clock, received: new Uint8Array(0), role: "server" });
    this.#socket = socket;
    // First, so that it can be closed when it opens; nothing is read yet.
    socket.listen({
      onText: (text) => this.#listener.onText(text),
      onEnd: () => this.#listener.onEnd(),
    });
    this.#listener.onOpen();
  }

  /** Unless there is a socket, there will be none: the client has left, or got another answer. */
  abandon(): void {
    if (this.#isOver || this.#socket) return;
    this.#isOver = true;
    this.#listener.onEnd();
  }
}
