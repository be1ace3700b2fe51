/**
 * Reads the requests of one keep-alive connection, bodies included, and keeps of each only its path: all that the
 * upstream of the benchmark has to know.
 * @module
 */

const DECODER = new TextDecoder();
const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

/** The requests on one connection. */
export class RequestReader {
  readonly #connection: Pick<Deno.Conn, "read">;
  readonly #buffer = new Uint8Array(64 * 1024);
  /** What has come and belongs to the next request. */
  #rest = "";

  constructor(connection: Pick<Deno.Conn, "read">) {
    this.#connection = connection;
  }

  /** The path of the next request, with its query, once its body has come; `undefined` when the client has left. */
  async next(): Promise<string | undefined> {
    while (!this.#rest.includes(HEAD_END)) {
      const count = await this.#connection.read(this.#buffer);
      if (count === null) return undefined;
      this.#rest += DECODER.decode(this.#buffer.subarray(0, count));
    }
    const headEnd = this.#rest.indexOf(HEAD_END);
    const head = this.#rest.slice(0, headEnd);
    const begun = this.#rest.slice(headEnd + HEAD_END.length);
    this.#rest = "";
    if (/^transfer-encoding: *chunked/im.test(head)) await this.#skipChunks(begun);
    else await this.#skip(Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0) - begun.length);
    return head.split(" ", 2)[1];
  }

  async #skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0;) {
      const count = await this.#connection.read(this.#buffer);
      if (count === null) return;
      left -= count;
    }
  }

  // No body of the benchmark ends like this in the middle.
  async #skipChunks(begun: string): Promise<void> {
    for (let tail = begun; !tail.endsWith(LAST_CHUNK);) {
      const count = await this.#connection.read(this.#buffer);
      if (count === null) return;
      const from = Math.max(0, count - LAST_CHUNK.length);
      tail = (tail + DECODER.decode(this.#buffer.subarray(from, count))).slice(-2 * LAST_CHUNK.length);
    }
  }
}
