/**
 * The upstream of the benchmark, in a process of its own. It prints its port. It uses Deno.serve, which answers
 * faster than any of the measured proxies can ask; the fake upstream of the tests keeps every request and would be
 * the bottleneck.
 *
 *   POST …?ticks=N   an event stream of N events, one every 20 ms, each with the time when it was sent
 *   POST …           1 KB of JSON, after the request's body has been read
 * @module
 */

// deno-lint-ignore-file no-console -- the port is its answer
import { sentEvent, TICK_MS, wallMs } from "./tick.ts";

const SMALL_ANSWER = JSON.stringify({ id: "resp_bench", output: "x".repeat(990) });

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  for await (const _ of request.body ?? []);
  const ticks = new URL(request.url).searchParams.get("ticks");
  if (ticks !== null) {
    return new Response(ticking(Number(ticks)), { headers: { "content-type": "text/event-stream" } });
  }
  return new Response(SMALL_ANSWER, { headers: { "content-type": "application/json" } });
});
console.log(server.addr.port);

function ticking(count: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let sent = 0;
  let timer: ReturnType<typeof setInterval>;
  return new ReadableStream({
    start(controller) {
      timer = setInterval(() => {
        controller.enqueue(encoder.encode(sentEvent(wallMs())));
        if (++sent < count) return;
        clearInterval(timer);
        controller.enqueue(
          encoder.encode('event: response.completed\ndata: {"type":"response.completed"}\n\n'),
        );
        controller.close();
      }, TICK_MS);
    },
    cancel: () => clearInterval(timer),
  });
}
