/**
 * The proxy's server and its client, with nothing between but the copying of headers: no key, no judgement, no log. What of a
 * request cdx2 cannot do without. It relays to the port that its argument names, and prints its own.
 * @module
 */

// deno-lint-ignore-file no-console -- the port is its answer
import { systemClock } from "../../src/system/clock.ts";
import { ownConnections } from "../../src/system/http_client.ts";
import { serve } from "../../src/system/http_server.ts";
import { sweptClock } from "../../src/system/swept_clock.ts";
import { readBody } from "../../src/upstream/body.ts";
import { HeaderList } from "../../src/values/header_list.ts";

const MAX_BYTES = 64 * 2 ** 20;

const origin = `http://127.0.0.1:${Deno.args[0]}`;
const clock = sweptClock(systemClock);
const upstream = ownConnections({ clock, connectTimeoutMs: 10_000, tunnelTo: () => undefined });
const { signal } = new AbortController();
const server = serve({ hostname: "127.0.0.1", port: 0, clock }, async (request) => {
  const { pathname, search } = new URL(request.url);
  const reading = await readBody(request, MAX_BYTES);
  const answer = await upstream.send({
    url: `${origin}${pathname}${search}`,
    method: request.method,
    headers: without(["host", "content-length"], request.headers),
    body: reading.kind === "read" ? reading.bytes : undefined,
    signal,
    mayReuse: true,
  });
  const { status, headers, body } = answer;
  return { status, headers: without(["connection", "content-length", "transfer-encoding"], headers), body };
});
console.log(server.port);

function without(names: readonly string[], headers: Headers): Headers {
  const kept = new HeaderList();
  headers.forEach((value, name) => {
    if (!names.includes(name)) kept.append(name, value);
  });
  return kept;
}
