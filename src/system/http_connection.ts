/**
 * One connection of the own HTTP client: requests go out on it one after the other, and their answers come in, perhaps
 * while a request is still being sent. A read is always pending, so that the end of the connection is noticed at once.
 * @module
 */

import { type Clock, withDeadline } from "./clock.ts";
import { AnswerBody } from "./answer_body.ts";
import { closeQuietly, type Wire, writeAll } from "./connect.ts";
import {
  attemptEnded,
  isFinalAnswer,
  oddStatus,
  reasonOf,
  SendError,
  type UpstreamRequest,
  type UpstreamResponse,
} from "./http.ts";
import { type BodyDecoder, decoderFor } from "./http_chunked.ts";
import { type AfterHead, afterHead, HeadFault, HeadReader, type HttpHead } from "./http_head.ts";

/** What is sent, and what ends it. */
export interface Sending extends Pick<UpstreamRequest, "method" | "signal" | "onSending"> {
  /** Its bytes. */
  readonly pieces: readonly Uint8Array[];
}

const FIRST_BYTES = 16 * 1024;
// For a body that comes faster than it is read.
const MAX_BYTES = 64 * 1024;
// With less room than this, a read begins a new buffer.
const MIN_ROOM_BYTES = 2048;

/** What a connection works with. */
export interface HttpConnectionOptions {
  /** Called each time that the connection can carry another request. */
  readonly onIdle: (connection: HttpConnection) => void;
  /** A body that breaks off does so once this has resolved. */
  readonly beforeBreak: () => Promise<void>;
  /** Measures how long a request may go on being written after its answer. */
  readonly clock: Clock;
}

/** A connection that carries one request at a time. */
export class HttpConnection {
  readonly #options: HttpConnectionOptions;
  readonly #connection: Wire;
  /** Pieces of it are given out and not copied, so that no byte is written twice. */
  #buffer = new Uint8Array(FIRST_BYTES);
  /** What has come and is not used yet. */
  #from = 0;
  #to = 0;
  #isFast = false;
  /** A read that was begun while nothing was asked. */
  #pending: Promise<number | null> | undefined;
  #isIdle = false;
  #isOpen = true;
  #requests = 0;

  /** Nothing was sent on it so far. */
  constructor(connection: Wire, options: HttpConnectionOptions) {
    this.#connection = connection;
    this.#options = options;
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
  async exchange({ method, pieces, signal, onSending }: Sending): Promise<UpstreamResponse> {
    const close = () => this.close();
    signal.addEventListener("abort", close);
    if (signal.aborted) close();
    this.#isIdle = false;
    this.#requests++;
    const writing = this.#write(pieces);
    onSending?.(writing);
    const finish = async (isWhole: boolean) => {
      signal.removeEventListener("abort", close);
      if (isWhole && await isSent(writing, pieces, this.#options.clock)) this.#rest();
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
  async #write(pieces: readonly Uint8Array[]): Promise<boolean> {
    try {
      for (const piece of pieces) await writeAll(this.#connection, piece);
      return true;
    } catch {
      return false;
    }
  }

  async #readHead(method: string): Promise<HttpHead & AfterHead> {
    const reader = new HeadReader(this.#from);
    while (this.#noteRead(await this.#nextRead())) {
      const head = reader.read(this.#buffer, this.#to);
      if (!head) continue;
      this.#from = head.end;
      return { ...head, ...afterHead(head, method) };
    }
    // Only a connection that has said nothing may have been dead before the request.
    if (this.#from === this.#to) {
      throw new SendError("interrupted", "connection closed before an answer came", this.#requests > 1);
    }
    throw new HeadFault("connection closed in the head of the answer");
  }

  #body(
    { status, framing, isKept }: HttpHead & AfterHead,
    finish: (isWhole: boolean) => Promise<void>,
  ): AnswerBody | null {
    // 205 has no body (RFC 9110 §15.3.6); one that was sent all the same is left unread.
    if (framing.kind === "none" || status === 205) {
      void finish(framing.kind === "none" && isKept && this.#from === this.#to);
      return null;
    }
    let isOver = false;
    const over = (isWhole: boolean) => {
      if (!isOver) void finish(isWhole && isKept && this.#from === this.#to);
      isOver = true;
    };
    const decoder = decoderFor(framing);
    const endsWithConnection = framing.kind === "until_close";
    let begin: Uint8Array<ArrayBuffer> | undefined;
    let fault: unknown;
    try {
      begin = this.#decoded(decoder);
    } catch (error) {
      // The head is good, whether a part of the body came with it or not.
      fault = error;
    }
    if (decoder.isDone) {
      over(true);
      return begin ? AnswerBody.ofWhole(begin) : null;
    }
    return new AnswerBody({
      read: async () => {
        try {
          while (!isOver) {
            if (fault !== undefined) throw fault;
            const chunk = begin ?? this.#decoded(decoder);
            begin = undefined;
            if (decoder.isDone) over(true);
            if (chunk) return chunk;
            if (isOver || this.#noteRead(await this.#nextRead())) continue;
            if (!endsWithConnection) throw new HeadFault("connection closed in the body of the answer");
            over(false);
          }
          return undefined;
        } catch (error) {
          over(false);
          await this.#options.beforeBreak();
          throw error;
        }
      },
      cancel: () => over(false),
    });
  }

  /** The payload of what has come; `undefined` when there is none in it. */
  #decoded(decoder: BodyDecoder): Uint8Array<ArrayBuffer> | undefined {
    if (this.#from === this.#to) return undefined;
    decoder.decode(this.#buffer, this.#from, this.#to);
    const chunk = this.#buffer.subarray(this.#from, decoder.payloadEnd);
    this.#from = decoder.next;
    return chunk.length > 0 ? chunk : undefined;
  }

  /** How many bytes come next; null: none, it has ended. */
  #nextRead(): Promise<number | null> {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending ?? this.#connection.read(this.#room());
  }

  /** Whether more has come; else it has ended. */
  #noteRead(count: number | null): boolean {
    this.#to += count ?? 0;
    this.#isFast = (count ?? 0) >= FIRST_BYTES / 2 && this.#to === this.#buffer.length;
    return count !== null;
  }

  /** Where the next read goes: a head stays together, a body does not have to. */
  #room(): Uint8Array<ArrayBuffer> {
    const roomBytes = this.#buffer.length - this.#to;
    if (this.#from === this.#to && roomBytes < MIN_ROOM_BYTES) {
      this.#renew(this.#isFast ? MAX_BYTES : FIRST_BYTES);
    } else if (roomBytes === 0) {
      const larger = new Uint8Array(2 * this.#buffer.length);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    return this.#buffer.subarray(this.#to);
  }

  #renew(bytes: number): void {
    this.#buffer = new Uint8Array(bytes);
    this.#from = this.#to = 0;
  }

  #rest(): void {
    if (!this.#isOpen) return;
    this.#from = this.#to;
    if (this.#buffer.length > FIRST_BYTES) this.#renew(FIRST_BYTES);
    this.#isIdle = true;
    this.#pending = this.#connection.read(this.#room());
    // Whatever comes now, it is not an answer.
    const end = () => {
      if (this.#isIdle) this.close();
    };
    this.#pending.then(end, end);
    this.#options.onIdle(this);
  }
}

const [SOON_SENT_BYTES, SOON_SENT_MS] = [128 * 1024, 1000];

/**
 * Whether the request is out, now that its answer is whole: an upstream may answer without having read it all, and
 * would then read the next one from its middle. One that is small usually is out, though its write has not returned yet.
 */
async function isSent(
  writing: Promise<boolean>,
  pieces: readonly Uint8Array[],
  clock: Clock,
): Promise<boolean> {
  if (await Promise.race([writing, Promise.resolve(false)])) return true;
  const isSmall = pieces.length === 1 && pieces[0]!.length <= SOON_SENT_BYTES;
  return isSmall && (await withDeadline(clock, SOON_SENT_MS, () => writing) ?? false);
}

function toSendError(error: unknown, wasUsed: boolean): SendError {
  if (error instanceof SendError) return error;
  if (error instanceof HeadFault) return new SendError("bad_answer", error.message);
  return new SendError("interrupted", reasonOf(error), wasUsed);
}
