import assert from "node:assert/strict";
import { SHELL_SCRIPTS } from "../../../src/cli/shell_init/scripts.ts";
import { CliWorld } from "../../support/cli_world.ts";

for (const [shell, script] of Object.entries(SHELL_SCRIPTS)) {
  Deno.test(`shell-init ${shell} prints its script and nothing else`, async () => {
    assert.deepEqual(await new CliWorld().run(`shell-init ${shell}`), { code: 0, out: script, err: "" });
  });
}

Deno.test("shell-init of another shell is wrong usage", async () => {
  const { code, out, err } = await new CliWorld().run("shell-init tcsh");
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /Allowed choices are bash, zsh, fish, powershell/);
});
