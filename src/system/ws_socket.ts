/**
 * An open WebSocket of ours, to a server or to a client: reads always, so that pings are answered at once and a dead peer is
 * noticed, and sends in order, pongs first. What the caller does not take is the caller's to bound; what the peer does not take is
 * counted in `bufferedBytes`.
 * @module
 */

import { mayBeSent } from "../values/close_code.ts";
import type { Cancel, Clock } from "./clock.ts";
import { turns } from "./turns.ts";
import {
  clientFrame,
  closePayload,
  FrameReader,
  type Opcode,
  OPCODES,
  serverFrame,
  WsFault,
  type WsMessage,
  type WsRole,
} from "./ws_codec.ts";

/** How a socket ended. */
export type SocketEnd =
  /** The peer closed it; `code` is 1005 when it named none. */
  | { readonly kind: "closed"; readonly code: number; readonly reason: string }
  /** The connection ended, or the peer broke the protocol: then we closed it with `code`. Holds no secret. */
  | { readonly kind: "broken"; readonly code: number | undefined; readonly reason: string };

/** Who listens to a socket. */
export interface SocketListener {
  /** Called with each text message, and its length in UTF-8. */
  onText(text: string, byteLength: number): void;
  /** Called once, unless we closed the socket ourselves. */
  onEnd(end: SocketEnd): void;
}

/** An open socket. */
export interface MessageSocket {
  /** What is still to be written. */
  readonly bufferedBytes: number;
  /** Begins to read. To be called once. */
  listen(listener: SocketListener): void;
  /** Queues a text message; does nothing once the socket has ended. */
  send(text: string): void;
  /** Sends what is queued and a close frame. The connection ends when the peer closes it too, within 2 s. */
  close(code: number, reason?: string): void;
}

/** The connection below a socket. */
export interface SocketPort {
  /** As `Deno.Conn.read`: null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes all of the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Never throws. */
  close(): void;
}

/** The largest message that is read. */
export const MESSAGE_MAX_BYTES = 64 * 2 ** 20;

// Middleboxes drop connections that are quiet for longer, and a peer that is gone is to be noticed.
const PING_INTERVAL_MS = 25_000;
const PONG_TIMEOUT_MS = 20_000;
// A peer that does not answer a close frame is not waited for.
const CLOSE_TIMEOUT_MS = 2000;
const READ_BUFFER_BYTES = 16_384;

const BROKEN: SocketEnd = { kind: "broken", code: undefined, reason: "the connection broke" };

/** A {@link MessageSocket} over a connection. */
export class WsSocket implements MessageSocket {
  readonly #port: SocketPort;
  readonly #clock: Clock;
  readonly #frames: FrameReader;
  readonly #role: WsRole;
  readonly #received: Uint8Array;
  /** Pongs and our close frame do not wait for data that is queued. */
  readonly #urgent: Uint8Array[] = [];
  readonly #queue: Uint8Array[] = [];
  #bufferedBytes = 0;
  #isWriting = false;
  #endsWhenWritten = false;
  /** Something has come since the last ping. */
  #isAlive = true;
  #cancelTimer: Cancel = () => {};
  #listener: SocketListener | undefined;
  #state: "open" | "closing" | "ended" = "open";

  /** `received` came with the answer to the handshake, `role` is the side that we are on. */
  constructor(
    port: SocketPort,
    options: { readonly clock: Clock; readonly received: Uint8Array; readonly role: WsRole },
  ) {
    this.#port = port;
    this.#clock = options.clock;
    this.#received = options.received;
    this.#role = options.role;
    this.#frames = new FrameReader(MESSAGE_MAX_BYTES, options.role);
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  listen(listener: SocketListener): void {
    this.#listener = listener;
    this.#pingLater();
    void this.#readAll();
  }

  send(text: string): void {
    if (this.#state !== "open") return;
    this.#enqueue(this.#queue, OPCODES.text, new TextEncoder().encode(text));
  }

  close(code: number, reason = ""): void {
    if (this.#state !== "open") return;
    this.#listener = undefined;
    this.#sendClose(code, reason);
  }

  async #readAll(): Promise<void> {
    try {
      this.#take(this.#received);
      const buffer = new Uint8Array(READ_BUFFER_BYTES);
      while (this.#state !== "ended") {
        const count = await this.#port.read(buffer);
        if (count === null) break;
        this.#isAlive = true;
        const bytes = buffer.subarray(0, count);
        // More may be there already: other connections have their turn in between.
        if (count === buffer.length) await turns.work(() => this.#take(bytes));
        else this.#take(bytes);
      }
      this.#end({ kind: "broken", code: undefined, reason: "the connection ended" });
    } catch (error) {
      if (!(error instanceof WsFault)) return this.#end(BROKEN);
      const { code, message } = error;
      this.#closeAndEnd(code);
      this.#tellEnd({ kind: "broken", code, reason: message });
    }
  }

  #take(bytes: Uint8Array): void {
    for (const message of this.#frames.feed(bytes)) this.#note(message);
  }

  #note(message: WsMessage): void {
    switch (message.kind) {
      case "text":
        return this.#listener?.onText(message.text, message.byteLength);
      case "ping":
        return this.#enqueue(this.#urgent, OPCODES.pong, message.payload);
      case "pong":
        return;
      case "close":
        this.#closeAndEnd(mayBeSent(message.code) ? message.code : undefined);
        this.#tellEnd({ kind: "closed", code: message.code, reason: message.reason });
    }
  }

  #enqueue(queue: Uint8Array[], opcode: Opcode, payload: Uint8Array): void {
    const frame = this.#role === "server"
      ? serverFrame(opcode, payload)
      : clientFrame(opcode, payload, crypto.getRandomValues(new Uint8Array(4)));
    queue.push(frame);
    this.#bufferedBytes += frame.length;
    if (!this.#isWriting) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      for (;;) {
        const frame = this.#urgent.shift() ?? this.#queue.shift();
        if (!frame) break;
        await this.#port.write(frame);
        this.#bufferedBytes -= frame.length;
      }
    } catch {
      this.#end(BROKEN);
    }
    this.#isWriting = false;
    if (this.#endsWhenWritten) this.#end();
  }

  /** The peer has closed, or is not worth listening to. */
  #closeAndEnd(code: number | undefined): void {
    this.#endsWhenWritten = true;
    if (this.#state === "open") this.#sendClose(code, "");
    else if (!this.#isWriting) this.#end();
  }

  #sendClose(code: number | undefined, reason: string): void {
    this.#state = "closing";
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(CLOSE_TIMEOUT_MS, () => this.#end());
    this.#enqueue(this.#queue, OPCODES.close, closePayload(code, reason));
  }

  #pingLater(): void {
    this.#cancelTimer = this.#clock.after(PING_INTERVAL_MS, () => {
      this.#isAlive = false;
      this.#enqueue(this.#urgent, OPCODES.ping, new Uint8Array(0));
      this.#cancelTimer = this.#clock.after(PONG_TIMEOUT_MS, () => {
        if (!this.#isAlive) return this.#end({ kind: "broken", code: undefined, reason: "no pong" });
        this.#pingLater();
      });
    });
  }

  #tellEnd(end: SocketEnd): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onEnd(end);
  }

  #end(end?: SocketEnd): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#cancelTimer();
    this.#queue.length = 0;
    this.#urgent.length = 0;
    this.#port.close();
    if (end) this.#tellEnd(end);
  }
}
