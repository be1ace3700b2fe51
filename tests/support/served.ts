// A connection to our server without a socket, and what a client makes of its answers.

import assert from "node:assert/strict";
import type { Handler, HttpRequest } from "../../src/system/exchange.ts";
import type { HttpAnswer } from "../../src/system/http.ts";
import { type ChunkSource, HttpBody, streamOf } from "../../src/system/http_body.ts";
import { decoderFor } from "../../src/system/http_chunked.ts";
import { afterHead, HeadReader } from "../../src/system/http_head.ts";
import { ServerConnection } from "../../src/system/server_connection.ts";
import { latin1 } from "../../src/values/latin1.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeWire } from "./fake_wire.ts";
import { bytesOf } from "./raw_http.ts";

export const HEAD_TIMEOUT_MS = 60_000;
export const DATE = "Thu, 01 Jan 1970 00:00:00 GMT";

/** A connection that is served. */
export class Served {
  readonly wire = new FakeWire();
  readonly clock = new FakeClock();
  readonly connection: ServerConnection;
  /** The server is told to end. */
  isStopping = false;
  hasEnded = false;
  readonly ended: Promise<void>;

  constructor(handle: Handler) {
    this.connection = new ServerConnection(this.wire, {
      handle,
      clientIp: "192.0.2.7",
      clock: this.clock,
      headTimeoutMs: HEAD_TIMEOUT_MS,
      date: () => DATE,
      isStopping: () => this.isStopping,
    });
    this.ended = this.connection.serve().then(() => void (this.hasEnded = true));
  }

  /** The client sends Latin-1, part by part; resolves when all that follows has happened. */
  async say(...parts: readonly string[]): Promise<void> {
    this.wire.say(...parts.map(bytesOf));
    await this.settle();
  }

  /** The client sends no more. */
  async end(): Promise<void> {
    this.wire.end();
    await this.settle();
  }

  /** What was written since the last time. */
  takeSent(): string {
    const { sent } = this.wire;
    this.wire.sent = "";
    return sent;
  }

  /** Also when other work has used up this turn of the event loop (turns.ts). */
  async settle(): Promise<void> {
    await this.clock.advance(0);
    await new Promise((resolve) => setTimeout(resolve, 0));
    await this.clock.advance(0);
  }
}

/** An answer that is there as a whole. */
export function plain(text: string, status = 200): HttpAnswer {
  return { status, headers: new Headers(), body: HttpBody.ofWhole(bytesOf(text)) };
}

/** An answer that comes piece by piece. */
export function streamed(source: ChunkSource, headers: HeadersInit = {}, status = 200): HttpAnswer {
  return { status, headers: new Headers(headers), body: new HttpBody(source) };
}

/** A body that comes when the test says so. */
export class Pieces implements ChunkSource {
  isCancelled = false;
  readonly #pieces: (string | Error | undefined)[];
  #wake = Promise.withResolvers<void>();

  /** An error breaks it, `undefined` ends it; else there is more to come. */
  constructor(...pieces: readonly (string | Error | undefined)[]) {
    this.#pieces = [...pieces];
  }

  say(...pieces: readonly (string | Error | undefined)[]): void {
    this.#pieces.push(...pieces);
    this.#wake.resolve();
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.#pieces.length === 0) {
      if (this.isCancelled) throw new Error("cancelled");
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
    const piece = this.#pieces.shift();
    if (piece instanceof Error) throw piece;
    return piece === undefined ? undefined : bytesOf(piece);
  }

  cancel(): void {
    this.isCancelled = true;
    this.#wake.resolve();
  }
}

/** The body of a request as Latin-1; `broken` when it broke off. */
export async function bodyOf({ body }: HttpRequest): Promise<string> {
  if (!body) return "none";
  return await new Response(streamOf(body)).bytes().then(latin1, () => "broken");
}

/** Answers with what it got. */
export const echo: Handler = async (request) =>
  plain(`${request.method} ${new URL(request.url).pathname} ${await bodyOf(request)}`);

/** What a client makes of an answer. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** The connection may carry another one. */
  readonly isKept: boolean;
}

/**
 * The answers in what was sent to requests with these methods (GET where there are more). All have to be whole, unless it is cut
 * off: then the last one may be missing.
 */
export function answersIn(
  sent: string,
  methods: readonly string[] = [],
  isCutOff = false,
): readonly ReadAnswer[] {
  const answers: ReadAnswer[] = [];
  const bytes = bytesOf(sent);
  for (let at = 0; at < bytes.length;) {
    const head = new HeadReader(at).read(bytes, bytes.length);
    if (!head && isCutOff) break;
    assert.ok(head, `not a head: ${JSON.stringify(sent.slice(at))}`);
    const { framing, isKept } = afterHead(head, methods[answers.length] ?? "GET");
    const decoder = decoderFor(framing);
    at = head.end;
    let body = "";
    if (!decoder.isDone) {
      decoder.decode(bytes, at, bytes.length);
      if (!decoder.isDone && isCutOff) break;
      assert.ok(decoder.isDone || framing.kind === "until_close", `not whole: ${JSON.stringify(sent)}`);
      body = latin1(bytes.subarray(at, decoder.payloadEnd));
      at = decoder.next;
    }
    answers.push({ status: head.status, headers: head.headers, body, isKept });
  }
  return answers;
}
