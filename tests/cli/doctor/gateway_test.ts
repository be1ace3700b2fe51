import assert from "node:assert/strict";
import type { Reply } from "../../support/fake_send.ts";
import { aLaptop, CLIENT_KEY, welcome } from "../../support/gateway.ts";

/** `[what the gateway answers, exit code, what doctor says]` */
const STANDINGS: readonly [Reply, number, RegExp][] = [
  [welcome(), 0, /ok +gateway: .*as ann/],
  [welcome({ client: null }), 0, /warn +gateway: .*everybody.*\n.*CLIPROXY_REQUIRE_CLIENT_KEY=on/],
  [welcome({ usable: false }), 1, /fail +keys: /],
  [welcome({ version: "9.9.9" }), 0, /warn +version: it is version 9\.9\.9/],
  ["not_sent", 1, /fail +gateway: .*cannot be reached/],
  [() => new Response("<html>", { status: 502 }), 1, /fail +gateway: .*answers 502/],
  [() => new Response("hello"), 1, /fail +gateway: .*no cdx2/],
];
for (const [reply, expected, says] of STANDINGS) {
  Deno.test(`doctor says of the gateway: ${says.source}`, async () => {
    const { code, out, err } = await aLaptop({}, reply).run("doctor");
    assert.equal(code, expected);
    assert.match(out, says);
    assert.ok(!(out + err).includes(CLIENT_KEY));
  });
}
