/**
 * What is known of an event stream so far: whether the client could already see something of it, whether and how it
 * failed, and how it ended. Pure: bytes go in, and what is known can be read at any time.
 * @module
 */

import { member } from "../values/json.ts";
import { DONE, EventReader, type StreamEvent } from "./event_reader.ts";
import { type TokenCounts, tokenCountsIn } from "./token_counts.ts";

/** How a stream ended, by its own last event. */
export type FinalEvent = "completed" | "incomplete" | "failed";

/**
 * What is worth knowing of the events that go by. All values are outlines: they hold small values only, which the
 * reader has to check.
 */
export interface StreamListener {
  /** Called with each `codex.rate_limits` event. */
  readonly onLimits: (event: unknown) => void;
  /** Called with each event that carries the response itself: created, completed and the like. */
  readonly onResponse: (event: unknown) => void;
  /** Called each time that an event tells what the answer costs. */
  readonly onTokens: (tokens: TokenCounts) => void;
  /** Called once, with the first event that shows something to the user. */
  readonly onVisible: () => void;
}

const LIMITS = "codex.rate_limits";
const FAILURE: ReadonlySet<string> = new Set(["response.failed", "response.error", "error"]);
const CREATED = "response.created";
const FINALS: ReadonlyMap<string, Exclude<FinalEvent, "failed">> = new Map([
  ["response.completed", "completed"],
  ["response.done", "completed"],
  [DONE, "completed"],
  ["response.incomplete", "incomplete"],
  ["response.cancelled", "incomplete"],
]);
// The end mark has no data that could be outlined.
const WANTED: ReadonlySet<string> = new Set([
  LIMITS,
  CREATED,
  ...FAILURE,
  ...FINALS.keys().filter((name) => name !== DONE),
]);

// Events that show nothing to the user: as long as only these have come, another key can still answer.
const INVISIBLE =
  /^(?:response\.(?:created|in_progress|queued|output_item\.added|content_part\.added|reasoning_summary_part\.added|heartbeat)|codex\..*|keep[-_]?alive|ping|heartbeat)$/;

/** What the name of an event says: its place in the response, and whether the user sees something of it. */
export type EventKind =
  | "limits"
  | "created"
  | "failure"
  | Exclude<FinalEvent, "failed">
  | "invisible"
  | "visible";

/** What the name of an event says. Events without a name, and those of unknown ones, count as visible. */
export function kindOfEvent(name: string): EventKind {
  if (name === LIMITS) return "limits";
  if (name === CREATED) return "created";
  if (FAILURE.has(name)) return "failure";
  return FINALS.get(name) ?? (INVISIBLE.test(name) ? "invisible" : "visible");
}

/**
 * The most that is held back of invisible events; then the client gets them, whatever comes. `response.created` repeats
 * all instructions and tools.
 */
export const MAX_INVISIBLE_BYTES: number = 2 ** 20;
// An event that has no name after this many bytes of data is an unknown one, and those are never held.
const MAX_UNNAMED_BYTES = 65_536;

/** Judges the events of one stream, in their order. */
export class StreamJudge {
  readonly #reader: EventReader;
  readonly #listener: StreamListener;
  #bytes = 0;
  #isVisible = false;
  #isFailing = false;
  #failure: unknown;
  #final: FinalEvent | undefined;
  /** The last name of an event that shows something and says nothing else. The next event usually has it, too. */
  #lastShown: string | undefined;

  /** Begins before the first event. */
  constructor(listener: StreamListener) {
    this.#listener = listener;
    this.#reader = new EventReader({
      wants: (name) => WANTED.has(name),
      onName: (name) => this.#noteName(name),
      onEvent: (event) => this.#note(event),
    });
  }

  /** How many bytes have come. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether an event that says that the stream failed has begun; the end of it may still be missing. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** The outline of the event with which the stream failed; `undefined` when it has not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The last event that ends a response; keep-alives after it change nothing. */
  get final(): FinalEvent | undefined {
    return this.#final;
  }

  /** Whether something has come that the user can see, or may: then no other key can answer any more. */
  get isVisible(): boolean {
    return this.#isVisible;
  }

  /** Whether there is no reason left to hold the beginning of the stream back. */
  get isHeadDecided(): boolean {
    return this.#isVisible || this.#failure !== undefined || this.#bytes >= MAX_INVISIBLE_BYTES ||
      this.#reader.unnamedBytes >= MAX_UNNAMED_BYTES;
  }

  /** Takes the next bytes. */
  feed(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#reader.feed(chunk);
  }

  /** Takes what has come as the end of the stream. */
  end(): void {
    this.#reader.end();
  }

  #noteName(name: string): void {
    if (name === this.#lastShown) return;
    if (FAILURE.has(name)) this.#isFailing = true;
    else if (!this.#isVisible && !INVISIBLE.test(name)) this.#show();
    if (kindOfEvent(name) === "visible") this.#lastShown = name;
  }

  #show(): void {
    if (this.#isVisible) return;
    this.#isVisible = true;
    this.#listener.onVisible();
  }

  #note({ name, outline }: StreamEvent): void {
    if (name === this.#lastShown && outline === undefined) return;
    if (name === LIMITS) this.#listener.onLimits(outline);
    const tokens = tokenCountsIn(outline);
    if (tokens) this.#listener.onTokens(tokens);
    if (FAILURE.has(name) || (name === "" && hasError(outline))) {
      this.#isFailing = true;
      this.#failure = outline ?? {};
      this.#final = "failed";
      return;
    }
    // Not known by any name: it may show something.
    if (name === "") this.#show();
    const final = FINALS.get(name);
    // The end mark says nothing that a final event before it has not said better.
    if (final !== undefined && (name !== DONE || this.#final === undefined)) this.#final = final;
    if (name === CREATED || final !== undefined) this.#listener.onResponse(outline);
  }
}

/** Whether an event without a name is an error: gateways write some without saying that it is one. */
export function hasError(outline: unknown): boolean {
  const error = member(outline, "error");
  return typeof error === "string" || (typeof error === "object" && error !== null);
}
