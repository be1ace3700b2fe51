/**
 * One client's connection to our server: requests come in on it one after the other, and each is answered before the next is
 * looked at. While one is worked on, a read is pending, so that a client that leaves is noticed at once.
 * @module
 */

import { free } from "../values/bytes.ts";
import type { Cancel, Clock } from "./clock.ts";
import { type ChunkSource, HttpBody } from "./http_body.ts";
import type { HttpAnswer } from "./http.ts";
import type { Exchange, Handler, HttpRequest } from "./exchange.ts";
import { Inflow } from "./inflow.ts";
import { writeAnswer } from "./server_answer.ts";
import { RequestBody } from "./server_body.ts";
import { RequestFault, type RequestHead, RequestHeadReader } from "./server_head.ts";
import { sourceOf } from "./stream_source.ts";
import { turns } from "./turns.ts";
import { closeQuietly, type Wire, writeAll } from "./wire.ts";
import { ServerUpgrade } from "./ws_upgrade.ts";

/** What a connection works with. */
export interface ServerConnectionOptions {
  /** Answers the requests. */
  readonly handle: Handler;
  /** The address that the client came from, without port. */
  readonly clientIp: string;
  /** Measures the times. */
  readonly clock: Clock;
  /** How long a head may take, and the first byte of a connection. */
  readonly headTimeoutMs: number;
  /** The time, for answers without a date of their own. */
  readonly date: () => string;
  /** No request is to come after the one that is under way. */
  readonly isStopping: () => boolean;
}

/** The connection below. */
export type ClientWire = Wire & Pick<Deno.TcpConn, "closeWrite">;

// A head and a small body; a large body goes past this memory.
const FIRST_BYTES = 4096;
// Longer than clients keep a connection that they do not use, so that it is they who close it: 90 s at the most.
const KEEP_ALIVE_MS = 5 * 60_000;
// A client that is cut off while it still sends may never look at the answer.
const [LINGER_MS, LINGER_MAX_BYTES, LINGER_BYTES] = [5_000, 256 * 2 ** 20, 64 * 1024];
const GO_ON = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

/** What to do with a connection after an exchange. */
type After = "next" | "close" | "linger" | "upgraded";

/** A connection, from its first byte to its last. */
export class ServerConnection {
  readonly #options: ServerConnectionOptions;
  readonly #wire: ClientWire;
  readonly #inflow: Inflow;
  #isOpen = true;
  #isWaiting = true;
  #isUsed = false;
  /** Of the exchange that is under way. */
  #leaving: AbortController | undefined;
  #answering: ChunkSource | undefined;
  /** The head that should come is given up, and the client told so. */
  #expiring: Promise<void> | undefined;

  /** Nothing was read of it so far. */
  constructor(wire: ClientWire, options: ServerConnectionOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#inflow = new Inflow(wire, FIRST_BYTES);
  }

  /** No request is under way. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Ends it, with what is under way on it. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeQuietly(this.#wire);
    this.#leaving?.abort();
    this.#answering?.cancel();
  }

  /** Serves it to its end, or until it has become a WebSocket. Never rejects. */
  async serve(): Promise<void> {
    let after: After = "next";
    try {
      while (after === "next" && !this.#options.isStopping()) after = await this.#exchange();
    } catch (error) {
      after = error instanceof RequestFault ? await this.#refuse(error) : "close";
    }
    if (after === "upgraded") return;
    if (after === "linger") await this.#linger();
    this.close();
  }

  async #exchange(): Promise<After> {
    this.#isWaiting = true;
    const left = this.#inflow.leave();
    if (left) free(left);
    this.#inflow.rest();
    const head = await this.#readHead();
    if (!head) return "close";
    this.#isWaiting = false;
    const leaving = this.#leaving = new AbortController();
    const completed = Promise.withResolvers<void>();
    const whole = this.#wholeBody(head);
    const body = whole || head.framing.kind === "none" ? undefined : this.#bodyOf(head);
    let upgrade: ServerUpgrade | undefined;
    if (!body) this.#watch();
    const { method, url, headers } = head;
    const { clientIp, clock } = this.#options;
    const request = {
      method,
      url,
      headers,
      body: whole ? HttpBody.ofWhole(whole) : body ? new HttpBody(body) : null,
      signal: leaving.signal,
    };
    try {
      const answer = await this.#answer(request, {
        clientIp,
        completed: completed.promise,
        upgrade: (listener) => upgrade = new ServerUpgrade(head, listener, clock),
        close: () => this.close(),
      });
      if (upgrade?.response === answer) return await this.#open(upgrade, head);
      return await this.#send(answer, head, body);
    } finally {
      upgrade?.abandon();
      this.#leaving = this.#answering = undefined;
      completed.resolve();
    }
  }

  /** The head of the next request; `undefined` when none comes. @throws {RequestFault} */
  async #readHead(): Promise<RequestHead | undefined> {
    const { clock, headTimeoutMs } = this.#options;
    const inflow = this.#inflow;
    let reader: RequestHeadReader | undefined;
    let cancel: Cancel = clock.after(this.#isUsed ? KEEP_ALIVE_MS : headTimeoutMs, () => this.close());
    this.#isUsed = true;
    try {
      for (;;) {
        if (!reader && !inflow.isEmpty) {
          cancel();
          reader = new RequestHeadReader(inflow.from);
          const head = reader.read(inflow.bytes, inflow.to);
          if (head) return this.#taken(head);
          cancel = clock.after(headTimeoutMs, () => this.#expire());
        }
        const hasCome = inflow.note(await inflow.next());
        await this.#expiring;
        if (!hasCome || this.#expiring) return undefined;
        const head = reader?.read(inflow.bytes, inflow.to);
        if (head) return this.#taken(head);
      }
    } finally {
      cancel();
    }
  }

  #taken(head: RequestHead): RequestHead {
    this.#inflow.take(head.end);
    return head;
  }

  #expire(): void {
    const fault = new RequestFault(408, "the head of the request did not come in time");
    this.#expiring = this.#refuse(fault).then(() => this.close());
  }

  /** A body that came with its head stays where it is, for as long as anything reads it. */
  #wholeBody({ framing }: RequestHead): Uint8Array<ArrayBuffer> | undefined {
    const { bytes, from, to, isLasting } = this.#inflow;
    if (framing.kind !== "length" || to - from < framing.bytes || !isLasting) return undefined;
    const end = from + framing.bytes;
    this.#inflow.take(end);
    return bytes.subarray(from, end);
  }

  #bodyOf({ framing, expectsContinue }: RequestHead): RequestBody {
    return new RequestBody({
      inflow: this.#inflow,
      framing,
      onWait: async () => {
        if (expectsContinue) await writeAll(this.#wire, GO_ON);
      },
      onWhole: () => this.#watch(),
    });
  }

  /** Notices that the client leaves, unless it has sent its next request already. */
  #watch(): void {
    if (!this.#inflow.isEmpty) return;
    const leave = () => this.close();
    this.#inflow.readAhead().then((count) => count ?? leave(), leave);
  }

  async #answer(request: HttpRequest, exchange: Exchange): Promise<HttpAnswer> {
    try {
      const answer = await this.#options.handle(request, exchange);
      if (!(answer instanceof Response)) return answer;
      const { status, headers, body } = answer;
      return { status, headers, body: body && HttpBody.ofWhole(await answer.bytes()) };
    } catch {
      return { status: 500, headers: new Headers(), body: null };
    }
  }

  async #send(answer: HttpAnswer, head: RequestHead, body: RequestBody | undefined): Promise<After> {
    const source = this.#answering = answer.body ? sourceOf(answer.body) : undefined;
    const isRead = !body || body.skip();
    const isLast = !isRead || !head.isKept || this.#options.isStopping();
    try {
      const isKept = await writeAnswer(this.#wire, answer, {
        source,
        asked: head,
        date: this.#options.date(),
        isLast,
      });
      return isKept ? "next" : isRead && this.#inflow.isEmpty ? "close" : "linger";
    } catch (error) {
      source?.cancel();
      this.close();
      throw error;
    }
  }

  async #open(upgrade: ServerUpgrade, head: RequestHead): Promise<After> {
    const { date } = this.#options;
    await writeAnswer(this.#wire, upgrade.response, {
      source: undefined,
      asked: head,
      date: date(),
      isLast: false,
    });
    upgrade.open({
      read: (buffer) => this.#inflow.readInto(buffer),
      write: (bytes) => writeAll(this.#wire, bytes),
      close: () => this.close(),
    });
    return "upgraded";
  }

  async #refuse({ status, message }: RequestFault): Promise<After> {
    const headers = new Headers({ "content-type": "text/plain; charset=utf-8" });
    const body = HttpBody.ofWhole(new TextEncoder().encode(`${message}\n`));
    const answer = { status, headers, body };
    try {
      await writeAnswer(this.#wire, answer, {
        source: body.source,
        asked: { method: "", isOld: false },
        date: this.#options.date(),
        isLast: true,
      });
      return "linger";
    } catch {
      return "close";
    }
  }

  /** Reads what the client still sends, and keeps nothing. Never rejects. */
  async #linger(): Promise<void> {
    const cancel = this.#options.clock.after(LINGER_MS, () => this.close());
    const memory = new Uint8Array(LINGER_BYTES);
    try {
      await this.#wire.closeWrite();
      for (let size = 0; size <= LINGER_MAX_BYTES;) {
        const count = await turns.work(() => this.#inflow.readInto(memory));
        if (count === null) return;
        size += count;
      }
    } catch {
      // It has left.
    } finally {
      cancel();
    }
  }
}
