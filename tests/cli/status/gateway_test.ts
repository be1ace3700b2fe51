import assert from "node:assert/strict";
import type { Reply } from "../../support/fake_send.ts";
import { aLaptop, CLIENT_KEY, welcome } from "../../support/gateway.ts";

const wrongKey = () =>
  Response.json({ error: { type: "client_key_needed", message: "no" } }, {
    status: 401,
    headers: { "x-cdx2-request-id": "r" },
  });

/** `[what the gateway answers, exit code, what status says]` */
const STANDINGS: readonly [Reply, number, RegExp][] = [
  [welcome(), 0, /client +ann/],
  [welcome({ client: null }), 0, /client +anybody/],
  [welcome({ usable: false }), 1, /no key for a request/],
  [welcome({ version: "9.9.9" }), 0, /version +9\.9\.9/],
  ["not_sent", 1, /state +unresponsive: it cannot be reached/],
  ["not_sent", 1, /^(?!client)state(?:.*\n(?!client))*$/],
  [welcome({ client: null, usable: false }), 1, /client +anybody/],
  [() => new Response("<html>", { status: 502 }), 1, /answers 502/],
  [() => new Response("hello"), 1, /no cdx2 \(status 200\)/],
  ["not_sent", 1, /^hint +check CLIPROXY_REMOTE/m],
  [welcome({ usable: false }), 1, /^hint +"cdx2 doctor" on the gateway/m],
  [welcome({ usable: false }), 1, /^management +Cannot look .* without its management key; ask who runs it/m],
  [welcome(), 0, /^(?!hint)state(?:.*\n(?!hint))*$/],
  [wrongKey, 1, /does not know this client key\nhealthy +no\nhint +set another CLIPROXY_CLIENT_KEY/],
];
for (const [reply, expected, says] of STANDINGS) {
  Deno.test(`status says of the gateway: ${says.source}`, async () => {
    const { code, out, err } = await aLaptop({}, reply).run("status");
    assert.equal(code, expected);
    assert.match(out, says);
    assert.ok(!(out + err).includes(CLIENT_KEY));
  });
}
