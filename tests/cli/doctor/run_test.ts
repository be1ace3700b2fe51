import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";

Deno.test("doctor refuses a value of a rule when there is no event log to try it on", async () => {
  const { code, out, err } = await new CliWorld().run("doctor --set cooldown_seconds=60");
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /--set works only with --replay\nhint: name an event log with --replay/);
});
