/**
 * The load generator: prepared requests over raw keep-alive connections. fetch would be slower than the fastest
 * contender.
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Case } from "./cases.ts";
import { sentTimesMs, wallMs } from "./tick.ts";

/** Where requests go: a port on 127.0.0.1 and a path. */
export interface Target {
  readonly port: number;
  readonly path: string;
  /** The process that carries the traffic; `undefined` when its cost is of no interest. */
  readonly pid: number | undefined;
}

/** What came of a load. */
export interface Loaded {
  /** From writing each request to the end of its answer. */
  readonly eachMs: readonly number[];
  /** For each event that carries the time when it was sent: until it was read. */
  readonly delaysMs: readonly number[];
  /** All requests together. */
  readonly wholeMs: number;
}

/**
 * Posts requests over as many connections as the case wants, until it has sent enough or its time has passed.
 * @throws {Error} when an answer is not 200
 */
export async function load(
  target: Target,
  { query, bodyBytes, events, beginWithinMs, ...limits }: Case,
): Promise<Loaded> {
  const request = post(target.path + query, bodyBytes);
  const eachMs: number[] = [];
  const delaysMs: number[] = [];
  const noteDelays = (piece: Uint8Array) => {
    const nowMs = wallMs();
    for (const sentMs of sentTimesMs(DECODER.decode(piece))) delaysMs.push(nowMs - sentMs);
  };
  const startMs = performance.now();
  let started = 0;
  const isOver = () => started >= limits.maxCount || performance.now() - startMs > limits.maxMs;
  await Promise.all(Array.from({ length: limits.concurrency }, async (_, index) => {
    if (beginWithinMs > 0) await pause(index * beginWithinMs / limits.concurrency);
    using connection = await Connection.open(target.port);
    while (!isOver()) {
      started++;
      const beginMs = performance.now();
      await connection.exchange(request, events > 0 ? noteDelays : undefined);
      eachMs.push(performance.now() - beginMs);
    }
  }));
  return { eachMs, delaysMs, wholeMs: performance.now() - startMs };
}

/** The bytes of a POST whose body is JSON of this many bytes and names a model, as a request of Codex does. */
export function post(path: string, bodyBytes: number): Uint8Array<ArrayBuffer> {
  const start = '{"model":"bench","stream":true,"input":"';
  const body = `${start}${"x".repeat(Math.max(0, bodyBytes - start.length - 2))}"}`;
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
    `authorization: Bearer bench\r\nsession-id: 01a20350-83c7-7972-8339-2781433e3700\r\n` +
    `content-length: ${body.length}\r\n\r\n`;
  return new TextEncoder().encode(head + body);
}

const DECODER = new TextDecoder();
const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = new TextEncoder().encode("\r\n0\r\n\r\n");

class Connection implements Disposable {
  readonly #socket: Deno.TcpConn;
  readonly #buffer = new Uint8Array(256 * 1024);
  /** The last bytes of the answer that have come. */
  readonly #tail = new Uint8Array(LAST_CHUNK.length);

  static async open(port: number): Promise<Connection> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay();
    return new Connection(socket);
  }

  constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** Sends one request and reads its whole answer. `onPiece` gets what is read of its body. */
  async exchange(request: Uint8Array, onPiece: ((piece: Uint8Array) => void) | undefined): Promise<void> {
    // Of a large request the answer may be on its way while it is still being sent.
    const [, received] = await Promise.all([this.#write(request), this.#readHead()]);
    let { body, length } = received;
    let count = 0;
    this.#tail.fill(0);
    for (;;) {
      count += body.length;
      if (body.length > 0) onPiece?.(body);
      if (length === undefined ? this.#isLast(body) : count >= length) return;
      body = await this.#read();
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      written += await this.#socket.write(bytes.subarray(written));
    }
  }

  /** The head's `content-length`, `undefined` for a chunked answer, and what has come of the body. */
  async #readHead(): Promise<{ length: number | undefined; body: Uint8Array }> {
    let text = "";
    let last = new Uint8Array();
    while (!text.includes(HEAD_END)) {
      last = await this.#read();
      text += DECODER.decode(last);
    }
    if (!text.startsWith("HTTP/1.1 200")) throw new Error(`expected status 200, got: ${text}`);
    const length = /^content-length: *(\d+)/im.exec(text)?.[1];
    const bodyBytes = text.length - text.indexOf(HEAD_END) - HEAD_END.length;
    return {
      length: length === undefined ? undefined : Number(length),
      body: last.subarray(last.length - bodyBytes),
    };
  }

  #isLast(piece: Uint8Array): boolean {
    const fresh = piece.subarray(-LAST_CHUNK.length);
    this.#tail.copyWithin(0, fresh.length);
    this.#tail.set(fresh, LAST_CHUNK.length - fresh.length);
    return this.#tail.every((byte, at) => byte === LAST_CHUNK[at]);
  }

  async #read(): Promise<Uint8Array<ArrayBuffer>> {
    const count = await this.#socket.read(this.#buffer);
    if (count === null) throw new Error("the connection ended in the middle of an answer");
    return this.#buffer.subarray(0, count);
  }
}
