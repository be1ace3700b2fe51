/**
 * An upstream's answer under judgement: its head is looked at before the client sees anything, then it is relayed chunk
 * by chunk, each as it came, and its end is reported. What it says is for the judges in stream_judge.ts and
 * plain_judge.ts; here the bytes are moved, and both sides are watched: neither may keep the other waiting for ever.
 * @module
 */

import { type ChunkSource, HttpBody, type SomeBody } from "../system/http_body.ts";
import { sourceOf } from "../system/stream_source.ts";
import type { Clock } from "../system/clock.ts";
import type { Secret } from "../values/secret.ts";
import { ChunkBlanker } from "./blank.ts";
import { IdleWatch } from "./idle_watch.ts";

/**
 * How the bytes of an answer ended. `broken`: the upstream's connection ended before its body did; `client_stalled`: the
 * client took nothing for too long. Wire names.
 */
export type StreamEnd = "completed" | "broken" | "idle_timeout" | "client_gone" | "client_stalled";

/** Says what an answer means, of which it gets every chunk before the client does. */
export interface Judge {
  /** Whether the client may see the beginning. */
  readonly isHeadDecided: boolean;
  /** Whether the client can see something of it: then no other key can answer any more. */
  readonly isVisible: boolean;
  /** From here on the answer may repeat the key's token. */
  readonly isFailing: boolean;
  /** What says that the answer failed; `undefined` when nothing does. */
  readonly failure: unknown;
  /** Takes the next chunk. */
  feed(chunk: Uint8Array): void;
  /** Nothing follows. */
  end(): void;
}

/**
 * How a stream's head turned out. Before anything visible came, `failed`: an event that says so; `broken`: the end of
 * the upstream's connection.
 */
export type HeadVerdict = "good" | "failed" | "broken" | "client_disconnected";

/** What a {@link JudgedStream} works with. */
export interface StreamOptions {
  /** Times the hold. */
  readonly clock: Clock;
  /** How long the upstream may take to send the next chunk, and the client to take it. */
  readonly idleTimeoutMs: number;
  /** Says what the answer means. */
  readonly judge: Judge;
  /** Not for the client, should the answer repeat it where it says why it failed. */
  readonly token: Secret | undefined;
}

/** After this time the stream is relayed, whatever has come. */
export const HEAD_MAX_MS = 2000;

/** `undefined`: there is no more. */
type Chunk = Uint8Array<ArrayBuffer> | undefined;

/** One answer, from its head to its end. */
export class JudgedStream {
  readonly #options: StreamOptions;
  readonly #source: ChunkSource;
  readonly #idle: IdleWatch;
  /** Chunks of the head that the client has not seen yet. */
  #held: Chunk[] = [];
  /** A read that was begun for the head and has not come back. */
  #pending: Promise<Chunk> | undefined;
  #blanker: ChunkBlanker | undefined;
  #end: StreamEnd | undefined;
  #onEnd: (end: StreamEnd) => void = () => {};
  #isClientsTurn = false;

  /** Does not read yet. */
  constructor(body: SomeBody, options: StreamOptions) {
    this.#options = options;
    this.#source = sourceOf(body);
    this.#idle = new IdleWatch(options.clock, options.idleTimeoutMs, () => {
      this.#finish(this.#isClientsTurn ? "client_stalled" : "idle_timeout");
      this.cancel();
    });
  }

  /** Reads until it is clear how the answer begins, no longer than `maxMs`. `signal` aborts when the client leaves. */
  async readHead(signal: AbortSignal, maxMs: number = HEAD_MAX_MS): Promise<HeadVerdict> {
    const { judge, clock } = this.#options;
    const stopped = Promise.withResolvers<"stopped">();
    const stop = () => stopped.resolve("stopped");
    const cancelTimer = clock.after(maxMs, stop);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    while (!judge.isHeadDecided) {
      this.#pending ??= this.#readOn();
      const chunk = await Promise.race([this.#pending, stopped.promise]);
      if (chunk === "stopped") break;
      this.#pending = undefined;
      this.#held.push(chunk);
      if (chunk === undefined) break;
    }
    cancelTimer();
    signal.removeEventListener("abort", stop);
    if (signal.aborted) {
      this.#finish("client_gone");
      this.cancel();
      return "client_disconnected";
    }
    if (judge.isVisible) return "good";
    if (judge.failure !== undefined) return "failed";
    return this.#end === "broken" ? "broken" : "good";
  }

  /**
   * The stream for the client, from its beginning on. It ends as the upstream's ends: cleanly only if that did.
   * `onEnd` is called once, before the client can see the end.
   */
  relay(onEnd: (end: StreamEnd) => void): HttpBody {
    this.#onEnd = onEnd;
    if (this.#end) onEnd(this.#end);
    return new HttpBody({
      read: () => this.#relayed(),
      cancel: () => {
        this.#finish("client_gone");
        this.cancel();
      },
    });
  }

  /** The next chunk for the client. */
  async #relayed(): Promise<Chunk> {
    const next = this.#next();
    // What is there goes out at once, with the head of the answer.
    let chunk = next instanceof Promise ? await next : next;
    if (this.#options.judge.isFailing) chunk = await this.#withoutToken(chunk);
    if (chunk !== undefined) return chunk;
    this.#finish("completed");
    if (this.#end !== "completed") throw new Error(`the upstream's stream ended early: ${this.#end}`);
    return undefined;
  }

  /** Lets go of the upstream. */
  cancel(): void {
    this.#idle.stop();
    this.#source.cancel();
  }

  /** A failure is the last thing that a stream says, so nothing waits for what is kept back of it. */
  async #withoutToken(first: Chunk): Promise<Chunk> {
    const { token } = this.#options;
    if (token === undefined) return first;
    this.#blanker ??= new ChunkBlanker(token);
    for (let chunk = first; chunk !== undefined; chunk = await this.#next()) {
      const clean = this.#blanker.push(chunk);
      if (clean.length > 0) return clean;
    }
    const kept = this.#blanker.end();
    return kept.length > 0 ? kept : undefined;
  }

  /** First what was held for the head, then what comes. */
  #next(): Chunk | Promise<Chunk> {
    if (this.#held.length > 0) return this.#held.shift();
    const pending = this.#pending ?? this.#read();
    this.#pending = undefined;
    return pending;
  }

  /** The next chunk of the head. What came before it does not stay as it is. */
  #readOn(): Promise<Chunk> {
    const last = this.#held.pop();
    if (last) this.#held.push(last.slice());
    return this.#read();
  }

  /** The next chunk, judged. A stream that breaks is over, with `broken` as its end. */
  async #read(): Promise<Chunk> {
    this.#waitFor("upstream");
    try {
      const chunk = await this.#source.read();
      if (chunk) this.#options.judge.feed(chunk);
      else this.#options.judge.end();
      return chunk;
    } catch {
      this.#finish("broken");
      return undefined;
    } finally {
      this.#waitFor("client");
    }
  }

  #waitFor(who: "client" | "upstream"): void {
    this.#isClientsTurn = who === "client";
    this.#idle.begin();
  }

  #finish(how: StreamEnd): void {
    if (this.#end) return;
    this.#end = how;
    this.#idle.stop();
    this.#onEnd(how);
  }
}
