/**
 * WebSockets of the load generator: they ask for paced events, and note how late each comes.
 * @module
 */

import { clientFrame, FrameReader, OPCODES } from "../../src/system/ws_codec.ts";
import type { Target } from "./load.ts";
import { sentTimesMs, wallMs } from "./tick.ts";

const ENCODER = new TextEncoder();
const MAX_BYTES = 2 ** 20;
const MASK = new Uint8Array([1, 2, 3, 4]);

/** Open sockets. */
export class LoadSockets implements Disposable {
  readonly #sockets: readonly LoadSocket[];

  private constructor(sockets: readonly LoadSocket[]) {
    this.#sockets = sockets;
  }

  /** Opens `count` of them, a few at a time. @throws {Error} when one is refused */
  static async open(target: Target, count: number): Promise<LoadSockets> {
    const sockets: LoadSocket[] = [];
    while (sockets.length < count) {
      const some = Array.from(
        { length: Math.min(10, count - sockets.length) },
        (_, at) => sockets.length + at,
      );
      sockets.push(...await Promise.all(some.map((number) => LoadSocket.open(target, number))));
    }
    return new LoadSockets(sockets);
  }

  /** Each gets `count` events. Resolves with the delays of all, from sending to reading. */
  async tick(count: number): Promise<readonly number[]> {
    const delays = await Promise.all(this.#sockets.map((socket) => socket.tick(count)));
    return delays.flat();
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket[Symbol.dispose]();
  }
}

class LoadSocket implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #frames = new FrameReader(MAX_BYTES);
  readonly #buffer = new Uint8Array(65_536);

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async open({ port, path }: Target, number: number): Promise<LoadSocket> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay();
    const head =
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
      `sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsession-id: session-${number}\r\n\r\n`;
    await connection.write(ENCODER.encode(head));
    const socket = new LoadSocket(connection);
    const answer = new TextDecoder().decode(await socket.#read());
    if (!answer.startsWith("HTTP/1.1 101")) throw new Error(`a WebSocket was refused: ${answer}`);
    return socket;
  }

  async tick(count: number): Promise<readonly number[]> {
    const call = `{"type":"response.create","model":"bench","ticks":${count},"input":[]}`;
    await this.#connection.write(clientFrame(OPCODES.text, ENCODER.encode(call), MASK));
    const delaysMs: number[] = [];
    for (;;) {
      const bytes = await this.#read();
      const nowMs = wallMs();
      for (const message of this.#frames.feed(bytes)) {
        if (message.kind !== "text") continue;
        for (const sentMs of sentTimesMs(message.text)) delaysMs.push(nowMs - sentMs);
        if (message.text.includes("response.completed")) return delaysMs;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  async #read(): Promise<Uint8Array<ArrayBuffer>> {
    const count = await this.#connection.read(this.#buffer);
    if (count === null) throw new Error("a WebSocket has ended");
    return this.#buffer.subarray(0, count);
  }
}
