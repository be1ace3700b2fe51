import assert from "node:assert/strict";
import { aKeyWorld } from "../../support/key_world.ts";

Deno.test("the switches name what would do for a name that means no key", async () => {
  for (
    const line of ["auth disable none", "auth enable none", "auth priority none 1", "auth rename none new"]
  ) {
    const { code, err } = await aKeyWorld().run(line);
    assert.equal(code, 1);
    assert.match(
      err,
      /^Cannot .* the key: no key is called "none"\nhint: the keys are lab\.json \(bench\), work\.json \(ann@/,
      line,
    );
  }
});
