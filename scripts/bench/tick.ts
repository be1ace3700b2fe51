/**
 * The event that carries its own time of sending through a proxy: written by the upstream, read by the load
 * generator.
 * @module
 */

export const TICK_MS = 20;

/** Wall time with microseconds, comparable between processes of one machine. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Shaped like the small text deltas that make up nearly all of a real stream. */
export function sentEvent(atMs: number): string {
  const event = { type: "response.output_text.delta", output_index: 0, delta: " word", sent_at_ms: atMs };
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The times in a piece of stream. */
export function sentTimesMs(piece: string): readonly number[] {
  return [...piece.matchAll(/"sent_at_ms":([\d.]+)/g)].map((found) => Number(found[1]));
}
