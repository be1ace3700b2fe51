/**
 * The event of the benchmark, which carries the time when it was sent: written by the upstream, read by the load
 * generator.
 * @module
 */

/** Time between two events of a stream. */
export const TICK_MS = 20;

/** Wall-clock time in milliseconds, with microseconds as fraction; comparable between processes of one machine. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

/** An event sent at this time. It looks like the small text deltas that make up nearly all of a real stream. */
export function sentEvent(atMs: number): string {
  const event = { type: "response.output_text.delta", output_index: 0, delta: " word", sent_at_ms: atMs };
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The times when the events in a piece of stream were sent, in milliseconds. */
export function sentTimesMs(piece: string): readonly number[] {
  return [...piece.matchAll(/"sent_at_ms":([\d.]+)/g)].map((found) => Number(found[1]));
}
