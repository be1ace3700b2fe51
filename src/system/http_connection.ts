/**
 * One connection of the own HTTP client: requests go out on it one after the other, and their answers come in, perhaps
 * while a request is still being sent. A read is always pending, so that the end of the connection is noticed at once.
 * @module
 */

import { free } from "../values/bytes.ts";
import { type Clock, withDeadline } from "./clock.ts";
import { HttpBody } from "./http_body.ts";
import {
  attemptEnded,
  type HttpAnswer,
  isFinalAnswer,
  oddStatus,
  reasonOf,
  SendError,
  type UpstreamRequest,
} from "./http.ts";
import { type BodyDecoder, decoderFor } from "./http_chunked.ts";
import type { RequestBytes } from "./http_request.ts";
import { Inflow } from "./inflow.ts";
import { type AfterHead, afterHead, HeadFault, HeadReader, type HttpHead } from "./http_head.ts";
import { closeQuietly, type Wire, writeJoined } from "./wire.ts";

/** What is sent, and what ends it. */
export interface Sending extends Pick<UpstreamRequest, "method" | "signal" | "onSending"> {
  /** What is written. */
  readonly bytes: RequestBytes;
}

const FIRST_BYTES = 16 * 1024;

/** What a connection works with. */
export interface HttpConnectionOptions {
  /** Called each time that the connection can carry another request. */
  readonly onIdle: (connection: HttpConnection) => void;
  /** Measures how long a request may go on being written after its answer. */
  readonly clock: Clock;
}

/** A connection that carries one request at a time. */
export class HttpConnection {
  readonly #options: HttpConnectionOptions;
  readonly #connection: Wire;
  readonly #inflow: Inflow;
  #isIdle = false;
  #isOpen = true;
  #requests = 0;

  /** Nothing was sent on it so far. */
  constructor(connection: Wire, options: HttpConnectionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#inflow = new Inflow(connection, FIRST_BYTES);
  }

  /** Whether it can carry another request, as far as is known. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Ends it, with all that is under way on it. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeQuietly(this.#connection);
  }

  /** Sends a request. The body of the answer is to be read, or cancelled. @throws {@link SendError} */
  async exchange({ method, bytes, signal, onSending }: Sending): Promise<HttpAnswer> {
    const close = () => this.close();
    signal.addEventListener("abort", close);
    if (signal.aborted) close();
    this.#isIdle = false;
    this.#requests++;
    const isSmall = sizeOf(bytes) <= SOON_SENT_BYTES;
    const writing = this.#write(bytes);
    onSending?.(writing);
    const finish = async (isWhole: boolean) => {
      signal.removeEventListener("abort", close);
      if (isWhole && await isSent(writing, isSmall, this.#options.clock)) this.#rest();
      else this.close();
    };
    try {
      const head = await this.#readHead(method);
      if (!isFinalAnswer(head)) throw oddStatus(head.status);
      return { status: head.status, headers: head.headers, body: this.#body(head, finish) };
    } catch (error) {
      void finish(false);
      throw signal.aborted ? attemptEnded() : toSendError(error, this.#requests > 1);
    }
  }

  /** Whether all was written. What became of a request that was not, its answer says, or the lack of one. */
  async #write({ head, body }: RequestBytes): Promise<boolean> {
    try {
      await writeJoined(this.#connection, head, body);
      return true;
    } catch {
      return false;
    }
  }

  async #readHead(method: string): Promise<HttpHead & AfterHead> {
    const inflow = this.#inflow;
    const reader = new HeadReader(inflow.from);
    while (inflow.note(await inflow.next())) {
      const head = reader.read(inflow.bytes, inflow.to);
      if (!head) continue;
      inflow.take(head.end);
      return { ...head, ...afterHead(head, method) };
    }
    // Only a connection that has said nothing may have been dead before the request.
    if (inflow.isEmpty) {
      throw new SendError("interrupted", "connection closed before an answer came", this.#requests > 1);
    }
    throw new HeadFault("connection closed in the head of the answer");
  }

  #body(
    { status, framing, isKept }: HttpHead & AfterHead,
    finish: (isWhole: boolean) => Promise<void>,
  ): HttpBody | null {
    // 205 has no body (RFC 9110 §15.3.6); one that was sent all the same is left unread.
    if (framing.kind === "none" || status === 205) {
      void finish(framing.kind === "none" && isKept && this.#inflow.isEmpty);
      return null;
    }
    let isOver = false;
    const over = (isWhole: boolean) => {
      if (isOver) return;
      isOver = true;
      spent = this.#inflow.leave();
      void finish(isWhole && isKept && this.#inflow.isEmpty);
    };
    const decoder = decoderFor(framing);
    const endsWithConnection = framing.kind === "until_close";
    let begin: Uint8Array<ArrayBuffer> | undefined;
    let spent: Uint8Array<ArrayBuffer> | undefined;
    let fault: unknown;
    try {
      begin = this.#decoded(decoder);
    } catch (error) {
      // The head is good, whether a part of the body came with it or not.
      fault = error;
    }
    if (decoder.isDone) {
      over(true);
      return begin ? HttpBody.ofWhole(begin) : null;
    }
    return new HttpBody({
      read: async () => {
        try {
          while (!isOver) {
            if (fault !== undefined) throw fault;
            const chunk = begin ?? this.#decoded(decoder);
            begin = undefined;
            if (decoder.isDone) over(true);
            if (chunk) return chunk;
            this.#inflow.reuse();
            if (isOver || this.#inflow.note(await this.#inflow.next())) continue;
            if (!endsWithConnection) throw new HeadFault("connection closed in the body of the answer");
            over(false);
          }
          if (spent) free(spent);
          return undefined;
        } catch (error) {
          over(false);
          throw error;
        }
      },
      cancel: () => over(false),
    });
  }

  /** The payload of what has come; `undefined` when there is none in it. */
  #decoded(decoder: BodyDecoder): Uint8Array<ArrayBuffer> | undefined {
    const { bytes, from, to, isEmpty } = this.#inflow;
    if (isEmpty) return undefined;
    decoder.decode(bytes, from, to);
    this.#inflow.take(decoder.next);
    return decoder.payloadEnd > from ? bytes.subarray(from, decoder.payloadEnd) : undefined;
  }

  #rest(): void {
    if (!this.#isOpen) return;
    this.#inflow.rest();
    this.#isIdle = true;
    // Whatever comes now, it is not an answer.
    const end = () => {
      if (this.#isIdle) this.close();
    };
    this.#inflow.readAhead().then(end, end);
    this.#options.onIdle(this);
  }
}

const [SOON_SENT_BYTES, SOON_SENT_MS] = [128 * 1024, 1000];

function sizeOf({ head, body }: RequestBytes): number {
  return body.reduce((sum, { length }) => sum + length, head.length);
}

/**
 * Whether the request is out, now that its answer is whole: an upstream may answer without having read it all, and
 * would then read the next one from its middle. One that is small usually is out, though its write has not returned yet.
 */
async function isSent(writing: Promise<boolean>, isSmall: boolean, clock: Clock): Promise<boolean> {
  if (await Promise.race([writing, Promise.resolve(false)])) return true;
  return isSmall && (await withDeadline(clock, SOON_SENT_MS, () => writing) ?? false);
}

function toSendError(error: unknown, wasUsed: boolean): SendError {
  if (error instanceof SendError) return error;
  if (error instanceof HeadFault) return new SendError("bad_answer", error.message);
  return new SendError("interrupted", reasonOf(error), wasUsed);
}
