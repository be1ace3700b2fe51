// What a fake upstream answers, as values. An Answer says everything, bad manners included: bodies that break
// off, connections that die, silence.

/** A header given as a list goes out as several lines of the same name. */
export type HeaderLines = Readonly<Record<string, string | readonly string[]>>;

/** How a streamed answer ends: whole, cut short by a close, by a reset, or never. */
export type StreamEnd = "end" | "cut" | "reset" | "hang";

export type Answer =
  | {
    readonly kind: "whole";
    readonly status: number;
    readonly headers: HeaderLines;
    readonly body: Uint8Array;
  }
  | {
    readonly kind: "stream";
    readonly status: number;
    readonly headers: HeaderLines;
    readonly chunks: readonly Uint8Array[];
    /** The pause after each chunk. */
    readonly gapMs: number;
    /** The last chunk waits for this. */
    readonly lastAfter: Promise<unknown>;
    readonly then: StreamEnd;
  }
  | { readonly kind: "delayed"; readonly delayMs: number; readonly answer: Answer }
  | { readonly kind: "reset" }
  | { readonly kind: "hang" };

/** `type` is the event's name on the wire as well. */
export type SseEvent = Readonly<{ type: string } & Record<string, unknown>>;

export interface StreamOptions {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: HeaderLines;
  /** Default 0: the chunks still go out one write each. */
  readonly gapMs?: number;
  /** The last chunk waits for this; default: for nothing. */
  readonly lastAfter?: Promise<unknown>;
  /** Default "end". */
  readonly then?: StreamEnd;
}

export function json(status: number, body: unknown, headers: HeaderLines = {}): Answer {
  return text(status, JSON.stringify(body), { "content-type": "application/json", ...headers });
}

/** A body as it stands, for instance an HTML page. The content type is the caller's to say. */
export function text(status: number, body: string, headers: HeaderLines = {}): Answer {
  return { kind: "whole", status, headers, body: new TextEncoder().encode(body) };
}

/** An event stream with one chunk per event. */
export function sse(events: readonly SseEvent[], options: StreamOptions = {}): Answer {
  const headers = { "content-type": "text/event-stream", "cache-control": "no-cache", ...options.headers };
  const frames = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return chunks(frames, { ...options, headers });
}

/**
 * Any bytes in any pieces. With a `content-length` header the body goes out bare, else chunked; so a length
 * of more than the pieces hold, ended with `then: "cut"`, makes a short body.
 */
export function chunks(pieces: readonly (string | Uint8Array)[], options: StreamOptions = {}): Answer {
  return {
    kind: "stream",
    status: options.status ?? 200,
    headers: options.headers ?? {},
    chunks: pieces.map((piece) => typeof piece === "string" ? new TextEncoder().encode(piece) : piece),
    gapMs: options.gapMs ?? 0,
    lastAfter: options.lastAfter ?? Promise.resolve(),
    then: options.then ?? "end",
  };
}

/** Nothing for `delayMs`, then the answer. */
export function delay(delayMs: number, answer: Answer): Answer {
  return { kind: "delayed", delayMs, answer };
}

/** The connection dies before a byte of the answer. */
export function reset(): Answer {
  return { kind: "reset" };
}

/** Silence, until the client gives up. */
export function hang(): Answer {
  return { kind: "hang" };
}

/** The events of a turn that says `text` and ends well. */
export function happyEvents(text: string): readonly SseEvent[] {
  const response = { id: "resp_fake", object: "response", model: "fake-model", created_at: 1_800_000_000 };
  const content = [{ type: "output_text", text, annotations: [] }];
  const item = { type: "message", id: "msg_fake", role: "assistant", status: "completed", content };
  const place = { output_index: 0, content_index: 0, item_id: item.id };
  const usage = { input_tokens: 100, output_tokens: 5, total_tokens: 105 };
  return [
    { type: "response.created", response: { ...response, status: "in_progress" } },
    { type: "response.output_text.delta", ...place, delta: text },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { ...response, status: "completed", output: [item], usage } },
  ];
}

/** The events of a turn that begins with status 200 and then fails, as rate limits often do. */
export function failedEvents(code: string, message: string): readonly SseEvent[] {
  const response = { id: "resp_fake", object: "response", model: "fake-model" };
  return [
    { type: "response.created", response: { ...response, status: "in_progress" } },
    { type: "response.failed", response: { ...response, status: "failed", error: { code, message } } },
  ];
}

/**
 * The body of `/wham/usage`: how much of the 5-hour and the weekly window is used, and the seconds to their
 * resets.
 */
export function usageBody(
  fiveHour: { usedPercent: number; resetAfterSeconds: number },
  weekly: { usedPercent: number; resetAfterSeconds: number },
  planType = "plus",
): unknown {
  const isReached = Math.max(fiveHour.usedPercent, weekly.usedPercent) >= 100;
  return {
    plan_type: planType,
    rate_limit: {
      allowed: !isReached,
      limit_reached: isReached,
      primary_window: usageWindow(fiveHour, 18_000),
      secondary_window: usageWindow(weekly, 604_800),
    },
  };
}

function usageWindow(
  used: { usedPercent: number; resetAfterSeconds: number },
  lengthSeconds: number,
): unknown {
  return {
    used_percent: used.usedPercent,
    limit_window_seconds: lengthSeconds,
    reset_after_seconds: used.resetAfterSeconds,
    reset_at: Math.floor(Date.now() / 1000) + used.resetAfterSeconds,
  };
}
