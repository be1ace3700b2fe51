import assert from "node:assert/strict";
import { GATEWAY_SETTINGS } from "../../src/config/gateway_settings.ts";

const PLACE = { homeFolder: "/home/ann", cwd: "/" };

Deno.test("GATEWAY_SETTINGS show and repeat neither of the two keys", () => {
  for (const { parse, show, echo } of [GATEWAY_SETTINGS.clientKey, GATEWAY_SETTINGS.remoteManagementKey]) {
    assert.equal(show(parse("cdx2-key-of-ann", PLACE)), "[REDACTED]");
    assert.equal(echo("short"), "[REDACTED]");
    assert.equal(show(undefined), null);
  }
});
