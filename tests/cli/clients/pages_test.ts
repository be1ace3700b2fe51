import { clientsAdd, clientsList, clientsRemove } from "../../../src/cli/clients/pages.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { assertIs } from "../../support/pages.ts";

Deno.test("the JSON of the clients commands is as declared", async () => {
  const world = new CliWorld();
  const json = async (line: string) => JSON.parse((await world.run(`${line} --json`)).out);
  assertIs(clientsAdd, await json("clients add ci"));
  assertIs(clientsList, await json("clients list"));
  assertIs(clientsRemove, await json("clients remove ci"));
});
