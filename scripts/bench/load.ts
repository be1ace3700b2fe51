/**
 * The load generator: prepared requests over raw keep-alive connections. fetch would be slower than the fastest
 * contender.
 * @module
 */

import { sentTimesMs, wallMs } from "./tick.ts";

/** Where requests go: a port on 127.0.0.1 and a path. */
export interface Target {
  readonly port: number;
  /** With its query. */
  readonly path: string;
}

/** How long requests took. */
export interface Latencies {
  /** From writing a request to the end of its answer. */
  readonly eachMs: readonly number[];
  /** All of them together. */
  readonly wholeMs: number;
}

/**
 * Posts `body` over `concurrency` connections, until `maxCount` requests have been sent or `maxMs` have passed.
 * @throws {Error} when an answer is not 200
 */
export async function postRepeatedly(
  target: Target,
  body: Uint8Array,
  limits: { readonly concurrency: number; readonly maxCount: number; readonly maxMs: number },
): Promise<Latencies> {
  const request = formatPost(target.path, body);
  const eachMs: number[] = [];
  const startMs = performance.now();
  let started = 0;
  const isOver = () => started >= limits.maxCount || performance.now() - startMs > limits.maxMs;
  await Promise.all(Array.from({ length: limits.concurrency }, async () => {
    using connection = await Connection.open(target.port);
    while (!isOver()) {
      started++;
      const beginMs = performance.now();
      await connection.exchange(request);
      eachMs.push(performance.now() - beginMs);
    }
  }));
  return { eachMs, wholeMs: performance.now() - startMs };
}

/**
 * Reads `count` event streams at the same time. Returns for each event the milliseconds between sending and
 * reading it.
 * @throws {Error} when an answer is not 200
 */
export async function readStreams(target: Target, count: number): Promise<readonly number[]> {
  const delaysMs: number[] = [];
  const request = formatPost(target.path, new TextEncoder().encode("{}"));
  await Promise.all(Array.from({ length: count }, async () => {
    using connection = await Connection.open(target.port);
    await connection.exchange(request, (piece) => {
      const nowMs = wallMs();
      for (const sentMs of sentTimesMs(piece)) delaysMs.push(nowMs - sentMs);
    });
  }));
  return delaysMs;
}

function formatPost(path: string, body: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  const request = new Uint8Array(head.length + body.length);
  request.set(head);
  request.set(body, head.length);
  return request;
}

const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

class Connection {
  readonly #socket: Deno.TcpConn;
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #decoder = new TextDecoder("latin1");

  static async open(port: number): Promise<Connection> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay();
    return new Connection(socket);
  }

  constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** Sends one request and reads its whole answer. `onPiece` gets what is read after the head. */
  async exchange(request: Uint8Array, onPiece: (piece: string) => void = () => {}): Promise<void> {
    for (let written = 0; written < request.length;) {
      written += await this.#socket.write(request.subarray(written));
    }
    let head = "";
    while (!head.includes(HEAD_END)) head += await this.#read();
    if (!head.startsWith("HTTP/1.1 200")) throw new Error(`expected status 200, got: ${head}`);
    let rest = head.slice(head.indexOf(HEAD_END) + HEAD_END.length);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    let received = rest.length;
    const isWhole = () => length === undefined ? rest.endsWith(LAST_CHUNK) : received >= Number(length);
    while (!isWhole()) {
      const piece = await this.#read();
      onPiece(piece);
      received += piece.length;
      rest = (rest + piece).slice(-LAST_CHUNK.length);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #read(): Promise<string> {
    const count = await this.#socket.read(this.#buffer);
    if (count === null) throw new Error("the connection ended in the middle of an answer");
    return this.#decoder.decode(this.#buffer.subarray(0, count));
  }
}
