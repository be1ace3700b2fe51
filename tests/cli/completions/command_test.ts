import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";

for (const shell of ["bash", "zsh", "fish", "powershell"]) {
  Deno.test(`completions ${shell} prints a script and nothing else`, async () => {
    const { code, out, err } = await new CliWorld().run(`completions ${shell}`);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^#.*\n/);
    assert.match(out, /proxy[^]*print-env-only/);
    assert.doesNotMatch(out, /run-server|undefined/);
  });
}

Deno.test("completions lists the shells that it supports", async () => {
  const { code, err } = await new CliWorld().run("completions tcsh");
  assert.equal(code, 2);
  assert.match(err, /Allowed choices are bash, zsh, fish, powershell/);
});
