import assert from "node:assert/strict";
import { aLaptop, MANAGEMENT } from "../../support/gateway.ts";
import { aUsage } from "../../support/usage.ts";
import { aDebugView } from "../../support/service_world.ts";
import { FakeSend } from "../../support/fake_send.ts";

Deno.test("usage is the gateway's own report, grouped as asked", async () => {
  const world = aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT });
  world.upstream = new FakeSend(
    () => Response.json(aDebugView()),
    () => Response.json({ ...aUsage(), by: "client" }),
  );
  const { code, out } = await world.run("usage --by client --days 3 --json");
  assert.equal(code, 0);
  assert.equal(JSON.parse(out).by, "client");
  const [, { url }] = world.upstream.requests as [unknown, { url: string }];
  assert.match(url, /\/usage\?days=3&by=client$/);
});
