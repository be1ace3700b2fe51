/**
 * The events of the benchmark: written by the upstream, read by the load generator. Those that are paced carry the time
 * when they were sent.
 * @module
 */

/** Time between two paced events of a stream. */
export const TICK_MS = 20;

/** Wall-clock time in milliseconds, with microseconds as fraction; comparable between processes of one machine. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

/** An event sent at this time. It looks like the small text deltas that make up nearly all of a real stream. */
export function sentEvent(atMs: number): string {
  return eventText({ ...DELTA, sent_at_ms: atMs });
}

/** The same as a message of a WebSocket. */
export function sentMessage(atMs: number): string {
  return JSON.stringify({ ...DELTA, sent_at_ms: atMs });
}

/** The last message of every response on a WebSocket. */
export function completedMessage(): string {
  return JSON.stringify({ type: "response.completed", response: { id: "resp_bench" } });
}

/** The events of a whole answer, which begins and ends as a real one does. */
export function burstOf(count: number): readonly string[] {
  const deltas = Array.from(
    { length: count - 2 },
    (_, index) => eventText({ ...DELTA, sequence_number: index + 1 }),
  );
  return [eventText({ type: "response.created", response: { id: "resp_bench" } }), ...deltas, FINAL_EVENT];
}

const DELTA = {
  type: "response.output_text.delta",
  item_id: "msg_0123456789abcdef0123456789abcdef",
  output_index: 0,
  content_index: 0,
  delta: " word",
  obfuscation: "abcdefghij",
};

function eventText(event: Readonly<Record<string, unknown>>): string {
  return `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The last event of every stream. */
export const FINAL_EVENT = eventText({ type: "response.completed" });

/** The times when the events in a piece of stream were sent, in milliseconds. */
export function sentTimesMs(piece: string): readonly number[] {
  return [...piece.matchAll(/"sent_at_ms":([\d.]+)/g)].map((found) => Number(found[1]));
}
