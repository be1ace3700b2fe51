import assert from "node:assert/strict";
import { stop } from "../../../src/cli/stop/page.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { assertIs } from "../../support/pages.ts";

Deno.test("stop --json answers what is declared, with and without a proxy", async () => {
  const world = new CliWorld();
  world.runService();
  for (const stopped of [true, false]) {
    const page = JSON.parse((await world.run("stop --json")).out);
    assert.equal(page.stopped, stopped);
    assertIs(stop, page);
  }
});
