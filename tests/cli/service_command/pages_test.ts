import { serviceState } from "../../../src/cli/service_command/pages.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { assertIs } from "../../support/pages.ts";

Deno.test("service --json answers what is declared", async () => {
  const world = new CliWorld();
  for (const line of ["service status", "service uninstall"]) {
    assertIs(serviceState, JSON.parse((await world.run(`${line} --json`)).out));
  }
});
