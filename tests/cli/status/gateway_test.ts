import assert from "node:assert/strict";
import type { Reply } from "../../support/fake_send.ts";
import { aLaptop, CLIENT_KEY, welcome } from "../../support/gateway.ts";

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
];
for (const [reply, expected, says] of STANDINGS) {
  Deno.test(`status says of the gateway: ${says.source}`, async () => {
    const { code, out, err } = await aLaptop({}, reply).run("status");
    assert.equal(code, expected);
    assert.match(out, says);
    assert.ok(!(out + err).includes(CLIENT_KEY));
  });
}
