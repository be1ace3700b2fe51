// An upstream in a process of its own, so that a test can stop it with SIGSTOP: a stream with an event every 50 ms, and
// uploads that are read slowly. Writes its port when it listens.

const EVENTS = 20;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function event(type: string, fields: object): Uint8Array {
  return new TextEncoder().encode(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`);
}

async function* events(): AsyncGenerator<Uint8Array> {
  for (let nth = 1; nth <= EVENTS; nth++) {
    yield event("response.output_text.delta", { delta: String(nth) });
    await pause(50);
  }
  yield event("response.completed", { response: { id: "r1" } });
}

const tell = ({ port }: { readonly port: number }) =>
  void Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`));

Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: tell }, async (request) => {
  if (new URL(request.url).pathname.endsWith("/responses")) {
    await request.body?.cancel();
    return new Response(ReadableStream.from(events()), { headers: { "content-type": "text/event-stream" } });
  }
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    await pause(1);
  }
  return Response.json({ bytes });
});
