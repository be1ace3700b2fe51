import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";

Deno.test("run-server refuses settings that are not allowed", async () => {
  const { code, err } = await new CliWorld().run("run-server --host 0.0.0.0");
  assert.equal(code, 2);
  assert.match(err, /^Bad host "0.0.0.0" \(from --host\)/);
});
