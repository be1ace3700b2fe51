import assert from "node:assert/strict";
import { PLACE_SETTINGS } from "../../src/config/place_settings.ts";

const PLACE = { homeFolder: "/home/ann", cwd: "/work" };

Deno.test("PLACE_SETTINGS take paths from the home folder, a port and a key of some length", () => {
  const { authDir, envFile, port, managementKey } = PLACE_SETTINGS;
  assert.equal(authDir.read(authDir.default, PLACE), "/home/ann/.codex/_auths");
  assert.equal(envFile.parse("proxy.env", PLACE), "/work/proxy.env");
  assert.deepEqual(["0", "65535", "65536"].map((text) => port.parse(text, PLACE)), [0, 65535, undefined]);
  assert.equal(managementKey.read(managementKey.default, PLACE), undefined);
  assert.equal(managementKey.parse("short", PLACE), undefined);
  assert.equal(managementKey.echo("a-long-enough-key"), "[REDACTED]");
});
