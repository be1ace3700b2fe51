// One accepted connection, speaking just enough HTTP/1.1 for a fake upstream. Deno.serve is too well-behaved
// for that: it cannot reset a connection or end a body short.

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { HeaderLines } from "./answers.ts";

export interface ReceivedRequest {
  readonly method: string;
  /** With the query, as it was sent. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The client went away in the middle of a request. */
class ConnectionGone extends Error {}

export class HttpConnection {
  readonly #socket: Socket;
  readonly #gone = new AbortController();
  #received: Uint8Array[] = [];
  #wake = () => {};
  #isChunked = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Uint8Array) => {
      this.#received.push(bytes);
      this.#wake();
    });
    // "close" follows each error.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#gone.abort();
      this.#wake();
    });
  }

  /** Aborts when the connection has ended, from either side. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** The next request, once its body is whole; `undefined` when the client left instead. */
  async nextRequest(): Promise<ReceivedRequest | undefined> {
    try {
      const [requestLine = "", ...headerLines] = (await this.#readPast("\r\n\r\n")).split("\r\n");
      const [method = "", path = ""] = requestLine.split(" ");
      const headers = new Headers(headerLines.map(splitHeader));
      return { method, path, headers, body: await this.#readBody(headers) };
    } catch (error) {
      if (error instanceof ConnectionGone) return undefined;
      throw error;
    }
  }

  /** Sends a whole answer in one write. An answer to HEAD keeps the length and drops the body. */
  sendWhole(method: string, status: number, headers: HeaderLines, body: Uint8Array): void {
    const head = formatHead(status, { "content-length": String(body.length), ...headers });
    this.#write(method === "HEAD" ? head : Buffer.concat([head, body]));
  }

  sendHead(status: number, headers: HeaderLines): void {
    this.#isChunked = !("content-length" in headers);
    this.#write(
      formatHead(status, this.#isChunked ? { ...headers, "transfer-encoding": "chunked" } : headers),
    );
  }

  sendChunk(bytes: Uint8Array): void {
    if (!this.#isChunked) return this.#write(bytes);
    this.#write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]));
  }

  sendEnd(): void {
    if (this.#isChunked) this.#write(Buffer.from("0\r\n\r\n"));
  }

  /** Closes after what has been sent. */
  close(): void {
    this.#socket.end(() => this.#socket.destroy());
  }

  /** Ends the connection with a TCP reset. Deno before 2.9 cannot, and closes at once. */
  reset(): void {
    if (typeof this.#socket.resetAndDestroy === "function") this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #write(bytes: Uint8Array): void {
    if (!this.#gone.signal.aborted) this.#socket.write(bytes);
  }

  async #readBody(headers: Headers): Promise<Uint8Array<ArrayBuffer>> {
    if (headers.get("transfer-encoding") !== "chunked") {
      return await this.#readExactly(Number(headers.get("content-length") ?? 0));
    }
    const parts: Uint8Array[] = [];
    for (;;) {
      const size = parseInt(await this.#readPast("\r\n"), 16);
      parts.push(await this.#readExactly(size));
      await this.#readPast("\r\n");
      if (size === 0) return new Uint8Array(Buffer.concat(parts));
    }
  }

  async #readExactly(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      const next = await this.#read();
      const fitting = next.subarray(0, count - filled);
      bytes.set(fitting, filled);
      filled += fitting.length;
      this.#putBack(next.subarray(fitting.length));
    }
    return bytes;
  }

  /**
   * The text before `mark`. Latin-1 has one character per byte, so that positions in it are byte positions.
   */
  async #readPast(mark: string): Promise<string> {
    let text = "";
    for (;;) {
      const next = await this.#read();
      const before = text.length;
      text += Buffer.from(next).toString("latin1");
      const at = text.indexOf(mark);
      if (at < 0) continue;
      this.#putBack(next.subarray(at + mark.length - before));
      return text.slice(0, at);
    }
  }

  async #read(): Promise<Uint8Array> {
    while (this.#received.length === 0) {
      if (this.#gone.signal.aborted) throw new ConnectionGone();
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#received.shift()!;
  }

  #putBack(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#received.unshift(bytes);
  }
}

function splitHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function formatHead(status: number, headers: HeaderLines): Uint8Array {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((single) => `${name}: ${single}\r\n`)
  );
  return Buffer.from(`HTTP/1.1 ${status} Fake\r\n${lines.join("")}\r\n`, "latin1");
}
