// Relays a stream chunk by chunk, each as it came, and tells how it ended. Answers that need no judging pass
// straight through instead, since Deno then moves their bytes outside JavaScript.

import type { Clock } from "../system/clock.ts";

/** `broken`: the upstream's connection ended before its body did. */
export type StreamEnd = "completed" | "broken" | "idle_timeout" | "client_gone";

export interface RelayOptions {
  readonly clock: Clock;
  /** The upstream may be silent for so long between two chunks. */
  readonly idleTimeoutMs: number;
  /** Sees each chunk before the client does. */
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Called once, before the client can see the end. */
  readonly onEnd: (end: StreamEnd) => void;
}

/** A stream that ends as `source` ends: cleanly only if it did. Cancelling it cancels the source. */
export function relayStream(
  source: ReadableStream<Uint8Array>,
  { clock, idleTimeoutMs, onChunk, onEnd }: RelayOptions,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const watch = watchIdle(clock, idleTimeoutMs, () => {
    finish("idle_timeout");
    reader.cancel().catch(() => {});
  });
  let end: StreamEnd | undefined;
  const finish = (how: StreamEnd) => {
    if (end) return;
    end = how;
    watch.stop();
    onEnd(how);
  };
  return new ReadableStream({
    async pull(controller) {
      watch.begin();
      try {
        const { done, value } = await reader.read();
        watch.pause();
        if (!done) {
          onChunk(value);
          return controller.enqueue(value);
        }
        finish("completed");
      } catch {
        finish("broken");
      }
      if (end === "completed") controller.close();
      else controller.error(new Error(`the upstream's stream ended early: ${end}`));
    },
    async cancel() {
      finish("client_gone");
      await reader.cancel().catch(() => {});
    },
  }, { highWaterMark: 0 });
}

// One timer for the whole stream: it fires, looks how long the present wait has lasted, and sleeps for the rest.
// Setting a timer for each chunk would cost more than relaying it.
function watchIdle(clock: Clock, timeoutMs: number, onIdle: () => void) {
  let waitingSinceMs: number | undefined;
  let cancel = clock.after(timeoutMs, look);
  function look() {
    const waitedMs = waitingSinceMs === undefined ? 0 : clock.elapsedMs() - waitingSinceMs;
    if (waitedMs >= timeoutMs) onIdle();
    else cancel = clock.after(timeoutMs - waitedMs, look);
  }
  return {
    begin: () => {
      waitingSinceMs = clock.elapsedMs();
    },
    pause: () => {
      waitingSinceMs = undefined;
    },
    stop: () => cancel(),
  };
}
