/**
 * An upstream's event stream under judgement: its head is looked at before the client sees anything, then it is
 * relayed chunk by chunk, each as it came, and its end is told. Answers that need no judging pass straight through
 * instead, since Deno then moves their bytes outside JavaScript.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import { EventScan } from "./sse_scan.ts";

/** `broken`: the upstream's connection ended before its body did. */
export type StreamEnd = "completed" | "broken" | "idle_timeout" | "client_gone";

/** How a stream's head turned out. `failed`: before anything visible came an event that says so. */
export type HeadVerdict = "good" | "failed" | "client_disconnected";

export interface StreamOptions {
  readonly clock: Clock;
  /** The upstream may be silent for so long between two chunks. */
  readonly idleTimeoutMs: number;
  /** Hears of the windows in `codex.rate_limits` events, as JSON text. */
  readonly onLimits: (data: string) => void;
}

// The head is decided after so much at the latest; then the stream is relayed, whatever comes.
const HEAD_MAX_EVENTS = 16;
const HEAD_MAX_BYTES = 65_536;
const HEAD_MAX_MS = 2000;

const FAILURES = new Set(["response.failed", "error"]);
const LIMITS = "codex.rate_limits";
const CAPTURED = new Set([...FAILURES, LIMITS]);

// Events that show nothing to a person: as long as only these have come, another key can still answer.
const INVISIBLE =
  /^(response\.(created|in_progress|queued|output_item\.added|content_part\.added|reasoning_summary_part\.added)|codex\..*)$/;

/** `undefined`: there is no more. */
type Chunk = Uint8Array | undefined;

export class JudgedStream {
  readonly #options: StreamOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #scan: EventScan;
  readonly #idle: IdleWatch;
  /** Chunks of the head that the client has not seen yet. */
  #held: Chunk[] = [];
  /** A read that was begun for the head and has not come back. */
  #pending: Promise<Chunk> | undefined;
  #bytes = 0;
  #headLimit: Promise<void> | undefined;
  #events = 0;
  #isVisible = false;
  #lastEvent: string | undefined;
  #failure: string | undefined;
  #end: StreamEnd | undefined;
  #onEnd: (end: StreamEnd) => void = () => {};

  constructor(source: ReadableStream<Uint8Array>, options: StreamOptions) {
    this.#options = options;
    this.#reader = source.getReader();
    this.#scan = new EventScan(CAPTURED, (name, data) => this.#hear(name, data));
    this.#idle = new IdleWatch(options.clock, options.idleTimeoutMs, () => {
      this.#finish("idle_timeout");
      this.cancel();
    });
  }

  /** How much has come so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The name of the last whole event. */
  get lastEvent(): string | undefined {
    return this.#lastEvent;
  }

  /** The data of the event with which the stream failed, as JSON text. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Reads until it is clear how the stream begins. `signal` aborts when the client leaves. */
  async readHead(signal: AbortSignal): Promise<HeadVerdict> {
    const stop = new AbortController();
    const stopped = whenAborted(AbortSignal.any([signal, stop.signal])).then(() => "stopped" as const);
    while (!this.#isHeadDecided()) {
      this.#pending ??= this.#read();
      const chunk = await Promise.race([this.#pending, stopped]);
      if (chunk === "stopped") break;
      this.#pending = undefined;
      this.#held.push(chunk);
      if (chunk === undefined) break;
      if (this.#events > 0) this.#limitHead(stop);
    }
    stop.abort();
    if (signal.aborted) {
      this.#finish("client_gone");
      this.cancel();
      return "client_disconnected";
    }
    return this.#failure !== undefined && !this.#isVisible ? "failed" : "good";
  }

  /**
   * The stream for the client, from its beginning on. It ends as the upstream's ends: cleanly only if that did.
   * `onEnd` is called once, before the client can see the end.
   */
  relay(onEnd: (end: StreamEnd) => void): ReadableStream<Uint8Array> {
    this.#onEnd = onEnd;
    if (this.#end) onEnd(this.#end);
    return new ReadableStream({
      pull: async (controller) => {
        const chunk = await this.#next();
        if (chunk) return controller.enqueue(chunk);
        this.#finish("completed");
        if (this.#end === "completed") controller.close();
        else controller.error(new Error(`the upstream's stream ended early: ${this.#end}`));
      },
      cancel: () => {
        this.#finish("client_gone");
        this.cancel();
      },
    }, { highWaterMark: 0 });
  }

  /** Lets go of the upstream. */
  cancel(): void {
    this.#idle.stop();
    this.#reader.cancel().catch(() => {});
  }

  /** First what was held for the head, then what comes. */
  #next(): Chunk | Promise<Chunk> {
    if (this.#held.length > 0) return this.#held.shift();
    const pending = this.#pending ?? this.#read();
    this.#pending = undefined;
    return pending;
  }

  /** The next chunk, scanned. A stream that breaks is over, with `broken` as its end. */
  async #read(): Promise<Chunk> {
    this.#idle.begin();
    try {
      const { value } = await this.#reader.read();
      if (value) this.#take(value);
      return value;
    } catch {
      this.#finish("broken");
      return undefined;
    } finally {
      this.#idle.pause();
    }
  }

  #take(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#scan.feed(chunk);
  }

  #hear(name: string, data: string | undefined): void {
    this.#events++;
    this.#lastEvent = name;
    if (name === LIMITS && data !== undefined) this.#options.onLimits(data);
    if (FAILURES.has(name)) this.#failure = data ?? "";
    else if (!INVISIBLE.test(name)) this.#isVisible = true;
  }

  #isHeadDecided(): boolean {
    const heldBytes = this.#held.reduce((sum, chunk) => sum + (chunk?.length ?? 0), 0);
    return this.#isVisible || this.#failure !== undefined || this.#events >= HEAD_MAX_EVENTS ||
      heldBytes >= HEAD_MAX_BYTES;
  }

  // Counted from the first event: until then the client has nothing to miss.
  #limitHead(stop: AbortController): void {
    this.#headLimit ??= this.#options.clock.sleep(HEAD_MAX_MS, stop.signal).then(() => stop.abort());
  }

  #finish(how: StreamEnd): void {
    if (this.#end) return;
    this.#end = how;
    this.#idle.stop();
    this.#onEnd(how);
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

// One timer for the whole stream: it fires, looks how long the present wait has lasted, and sleeps for the rest.
// Setting a timer for each chunk would cost more than relaying it.
class IdleWatch {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onIdle: () => void;
  #waitingSinceMs: number | undefined;
  #cancel: () => void;

  constructor(clock: Clock, timeoutMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onIdle = onIdle;
    this.#cancel = clock.after(timeoutMs, () => this.#look());
  }

  begin(): void {
    this.#waitingSinceMs = this.#clock.elapsedMs();
  }

  pause(): void {
    this.#waitingSinceMs = undefined;
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const sinceMs = this.#waitingSinceMs;
    const waitedMs = sinceMs === undefined ? 0 : this.#clock.elapsedMs() - sinceMs;
    if (waitedMs >= this.#timeoutMs) this.#onIdle();
    else this.#cancel = this.#clock.after(this.#timeoutMs - waitedMs, () => this.#look());
  }
}
