import { setupCodex } from "../../../src/cli/setup/pages.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { assertIs } from "../../support/pages.ts";

Deno.test("setup codex --json answers what is declared, there and back", async () => {
  const world = new CliWorld();
  world.runService();
  for (const line of ["setup codex --print", "setup codex", "setup codex --undo"]) {
    assertIs(setupCodex, JSON.parse((await world.run(`${line} --json`)).out));
  }
});
