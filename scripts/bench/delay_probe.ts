/**
 * Measures in a thread of its own how late a service's event loop is: how long it takes to answer what it needs nothing
 * and nobody for. It posts the longest of each round of questions. Its first message names the port to ask.
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";

const QUESTION = new TextEncoder().encode("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
const PAUSE_MS = 200;
const IN_A_ROUND = 10;

const scope = self as unknown as {
  onmessage: (event: MessageEvent<number>) => void;
  postMessage(longestMs: number): void;
};

scope.onmessage = ({ data: port }) => void probe(port);

async function probe(port: number): Promise<never> {
  for (;;) {
    let longestMs = 0;
    for (let count = 0; count < IN_A_ROUND; count++) {
      longestMs = Math.max(longestMs, await answerMs(port));
      await pause(PAUSE_MS);
    }
    scope.postMessage(longestMs);
  }
}

/** From the question on an open connection to the first byte of its answer. */
async function answerMs(port: number): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const askedMs = performance.now();
  await connection.write(QUESTION);
  await connection.read(new Uint8Array(1024));
  return performance.now() - askedMs;
}
