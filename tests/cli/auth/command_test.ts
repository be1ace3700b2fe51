import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";

Deno.test("auth alone shows its commands on stderr and ends with 2", async () => {
  const { code, out, err } = await new CliWorld().run("auth");
  assert.deepEqual([code, out], [2, ""]);
  for (const name of ["list", "import", "remove"]) assert.match(err, new RegExp(`^  ${name} +[A-Z]`, "m"));
});

Deno.test("auth suggests the command that was meant", async () => {
  const { code, err } = await new CliWorld().run("auth lst");
  assert.deepEqual([code, err], [2, "Unknown command 'lst'\nhint: did you mean \"cdx2 auth list\"?\n"]);
});
