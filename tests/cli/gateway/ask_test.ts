import assert from "node:assert/strict";
import { answeringManagement, askGateway } from "../../../src/cli/gateway/ask.ts";
import type { Gateway } from "../../../src/cli/gateway/gateway.ts";
import { Secret } from "../../../src/values/secret.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeSend, type Reply } from "../../support/fake_send.ts";
import { aLaptop, CLIENT_KEY, REMOTE, welcome } from "../../support/gateway.ts";

for (const line of ["trace", "all", "all --json", "all --line", "usage", "reset", "trace --follow"]) {
  Deno.test(`"cdx2 ${line}" needs the management key of the gateway`, async () => {
    const world = aLaptop();
    const { code, err } = await world.run(line);
    assert.equal(code, 2);
    assert.match(err, /without its management key\nhint: .*CLIPROXY_REMOTE_MANAGEMENT_KEY/);
    assert.equal(world.upstream.requests.length, 0, "the key of a proxy on this machine is sent nowhere");
  });
}

function aGateway(reply: Reply, over: Partial<Gateway> = {}): { gateway: Gateway; send: FakeSend } {
  const send = new FakeSend(reply);
  const keys = { clientKey: new Secret(CLIENT_KEY), managementKey: new Secret("of-the-gateway") };
  return { gateway: { url: REMOTE, ...keys, send: send.send, clock: new FakeClock(), ...over }, send };
}

Deno.test("askGateway() presents the client key, and nothing without one", async () => {
  const { gateway, send } = aGateway(welcome());
  assert.equal((await askGateway(gateway)).kind, "welcome");
  assert.deepEqual(send.tokens, [CLIENT_KEY]);
  assert.equal((await askGateway({ ...gateway, clientKey: undefined })).kind, "no_key");
  assert.equal(send.requests.length, 1);
});

Deno.test("askGateway() says why there is no answer", async () => {
  assert.deepEqual(await askGateway(aGateway("not_sent").gateway), {
    kind: "unreachable",
    reason: "connection refused",
  });
});

/** `[what the gateway answers, the error]` */
const LOOKS: readonly [Reply, RegExp][] = [
  [() => Response.json({}, { status: 401 }), /has another management key/],
  [
    () => Response.json({ error: "too many wrong management keys" }, { status: 429 }),
    /too many wrong management keys/,
  ],
  ["not_sent", /cannot be reached/],
  [
    () => new Response(null, { status: 302, headers: { location: "https://sso.example/login?state=s" } }),
    /it redirects to https:\/\/sso\.example, and the key goes nowhere else/,
  ],
  [() => new Response("<html>", { status: 502 }), /the web server in front of it answers 502/],
];
for (const [reply, error] of LOOKS) {
  Deno.test(`answeringManagement() rejects with ${error.source}`, async () => {
    const { gateway, send } = aGateway(reply);
    await assert.rejects(answeringManagement(gateway), error);
    assert.equal(send.requests[0]!.headers.get("x-management-key"), "of-the-gateway");
    for (const { headers } of send.requests) assert.equal(headers.get("authorization"), null);
    for (const { headers } of send.requests.slice(1)) assert.equal(headers.get("x-management-key"), null);
  });
}
