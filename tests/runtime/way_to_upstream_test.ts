import assert from "node:assert/strict";
import { resolveSettings } from "../../src/config/settings.ts";
import { wayToUpstream } from "../../src/runtime/way_to_upstream.ts";
import { aRecord } from "../support/builders.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("wayToUpstream() has one way to each upstream, and connects past no HTTP proxy", () => {
  const { settings } = resolveSettings({ flags: {}, env: {}, homeFolder: "/home/me", cwd: "/" });
  const proxiedOrigins = [
    { origin: "https://api.openai.com", tunnelUrl: "http://proxy.example:3128/" },
    { origin: "https://other.example", tunnelUrl: undefined },
  ];
  const start = { settings, proxiedOrigins, version: "1" };
  const { upstreams, link, linkTo, tunnelTo, userAgent } = wayToUpstream(start, new FakeClock());
  const own = upstreams.of(aRecord("a", { upstream: "https://api.openai.com/v1" }));
  assert.equal(linkTo(upstreams.main), link);
  assert.equal(linkTo(own), linkTo(own));
  assert.notEqual(linkTo(own), link);
  assert.deepEqual([link.canConnect === undefined, linkTo(own).canConnect === undefined], [false, true]);
  const ways = ["https://chatgpt.com", "https://api.openai.com", "https://other.example"].map(tunnelTo);
  assert.deepEqual(ways.map(String), ["undefined", "http://proxy.example:3128/", "none"]);
  assert.equal(userAgent, "cdx2/1");
});
