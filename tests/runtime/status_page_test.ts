import assert from "node:assert/strict";
import { serviceStatus } from "../../src/runtime/status.ts";
import { status } from "../../src/runtime/status_page.ts";
import { ServiceWorld } from "../support/service_world.ts";
import { assertIs } from "../support/pages.ts";

Deno.test("status answers what is declared, with and without a proxy", async () => {
  const world = new ServiceWorld();
  for (const state of ["stopped", "running"]) {
    const page = await serviceStatus(world.deps());
    assert.equal(page.state, state);
    assertIs(status, page);
    world.runService();
  }
});
