import assert from "node:assert/strict";
import { aKeyWorld, keyText } from "../../support/key_world.ts";

Deno.test("auth priority writes the number, a negative one as well", async () => {
  const world = aKeyWorld();
  for (const priority of [-100, -1, 0, 7, 100]) {
    const { code, out } = await world.run(`auth priority bench ${priority} --json`);
    assert.deepEqual([code, JSON.parse(out).priority], [0, priority]);
    assert.equal(keyText(world, "lab.json"), `{"token":"t","alias":"bench","priority":${priority}}`);
  }
  assert.equal(
    (await world.run("auth priority lab 100")).err,
    "lab.json has the priority 100 already\n",
  );
  assert.match((await world.run("auth list")).out, /^lab\.json \(bench\) .* priority 100, no end known$/m);
});

Deno.test("auth priority takes only whole numbers in its range", async () => {
  for (const text of ["101", "-101", "1.5", "high", "1e1", "--", "0x1"]) {
    const world = aKeyWorld();
    const { code } = await world.run("auth priority lab", text);
    assert.equal(code, 2, text);
    assert.equal(keyText(world, "lab.json"), '{"token":"t","alias":"bench"}');
  }
});
