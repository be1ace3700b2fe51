/**
 * Deno's own server and the proxy's client, with nothing between but the copying of headers: no key, no judgement, no log.
 * What of a request cdx2 cannot do without. It relays to the port that its argument names, and prints its own.
 * @module
 */

// deno-lint-ignore-file no-console -- the port is its answer
import { HttpBody, streamOf } from "../../src/system/http_body.ts";
import { systemClock } from "../../src/system/clock.ts";
import { ownConnections } from "../../src/system/http_client.ts";
import { sweptClock } from "../../src/system/swept_clock.ts";

const origin = `http://127.0.0.1:${Deno.args[0]}`;
const upstream = ownConnections({
  clock: sweptClock(systemClock),
  connectTimeoutMs: 10_000,
  tunnelTo: () => undefined,
});
const { signal } = new AbortController();
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
  const { pathname, search } = new URL(request.url);
  const answer = await upstream.send({
    url: `${origin}${pathname}${search}`,
    method: request.method,
    headers: without(["host", "content-length"], request.headers),
    body: await request.bytes(),
    signal,
    mayReuse: true,
  });
  const { status, body } = answer;
  const headers = without(["connection", "content-length", "transfer-encoding"], answer.headers);
  const whole = body instanceof HttpBody ? body.whole : undefined;
  return new Response(whole ?? streamOf(body), { status, headers });
});
console.log(server.addr.port);

function without(names: readonly string[], headers: Headers): Headers {
  const kept = new Headers();
  headers.forEach((value, name) => {
    if (!names.includes(name)) kept.append(name, value);
  });
  return kept;
}
