/**
 * A client's WebSocket, once its request is upgraded. Deno's own server speaks the protocol: it answers pings, pings a
 * silent client after 15 s, and takes messages of up to 64 MiB.
 * @module
 */

import { systemClock } from "./clock.ts";

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
export interface ClientSocket {
  /** What the client has not taken yet. */
  readonly bufferedBytes: number;
  /** Does nothing once the socket has ended. */
  send(text: string): void;
  /** Does nothing once the socket has ended. */
  close(code: number): void;
}

/** A request on its way to a socket. */
export interface Upgraded {
  /** Accepts the upgrade; to be returned by the handler. Headers may be added to it. */
  readonly response: Response;
  /** The socket. */
  readonly socket: ClientSocket;
}

/** Upgrades a request. @throws {TypeError} when it is not a valid handshake (RFC 6455 §4.2.1) */
export type Upgrade = (listener: ClientListener) => Upgraded;

// A client that has left meanwhile never opens its socket, and Deno 2.9 then reports nothing at all.
const OPEN_TIMEOUT_MS = 5000;
const UNSUPPORTED_DATA = 1003;

/** Upgrades this request. @throws {TypeError} when it is not a valid handshake */
export function upgrade(request: Request, listener: ClientListener): Upgraded {
  const { socket, response } = Deno.upgradeWebSocket(request);
  let isOver = false;
  const end = (isTold: boolean) => {
    cancelTimer();
    if (isOver) return;
    isOver = true;
    if (isTold) listener.onEnd();
  };
  const cancelTimer = systemClock.after(OPEN_TIMEOUT_MS, () => end(true));
  const close = (code: number) => {
    if (socket.readyState <= WebSocket.OPEN) socket.close(code);
  };
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    cancelTimer();
    if (!isOver) listener.onOpen();
  };
  socket.onmessage = ({ data }) => {
    if (isOver) return;
    if (typeof data === "string") return listener.onText(data);
    close(UNSUPPORTED_DATA);
    end(true);
  };
  socket.onerror = () => end(true);
  socket.onclose = () => end(true);
  return {
    response,
    socket: {
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: (code) => {
        end(false);
        close(code);
      },
    },
  };
}
