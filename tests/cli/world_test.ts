import assert from "node:assert/strict";
import { systemWorld } from "../../src/cli/world.ts";

Deno.test("systemWorld() sends requests to the proxy past HTTP_PROXY, only in this process", () => {
  const world = systemWorld();
  world.sendTo("192.0.2.7");
  for (const name of ["NO_PROXY", "no_proxy"]) {
    assert.match(Deno.env.get(name) ?? "", /127\.0\.0\.1.*localhost.*192\.0\.2\.7/);
    assert.doesNotMatch(world.env[name] ?? "", /192\.0\.2\.7/);
  }
});
