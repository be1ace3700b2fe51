import { authImport, authList, authRemove } from "../../../src/cli/auth/pages.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { AUTH_DIR } from "../../support/service_world.ts";
import { assertIs } from "../../support/pages.ts";

Deno.test("the auth commands answer with --json what is declared", async () => {
  const world = new CliWorld();
  world.machine.files.put("/home/ann/new.json", JSON.stringify({ access_token: "token-new" }));
  world.machine.files.put(`${AUTH_DIR}/notes.json`, "nonsense");
  const answer = async (line: string) => JSON.parse((await world.run(line)).out);
  const pages = [
    [authImport, await answer("auth import /home/ann/new.json --name new.json --json")],
    [authList, await answer("auth list --json")],
    [authRemove, await answer("auth remove new.json --yes --json")],
  ] as const;
  for (const [schema, page] of pages) assertIs(schema, page);
});
