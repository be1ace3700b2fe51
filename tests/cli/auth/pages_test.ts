import { authImport, authList, authRemove, authRename, authSwitch } from "../../../src/cli/auth/pages.ts";
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
    [authSwitch, await answer("auth disable new --json")],
    [authSwitch, await answer("auth priority new -5 --json")],
    [authRename, await answer("auth rename new.json newer --json")],
    [authRename, await answer("auth rename newer new --json")],
    [authRemove, await answer("auth remove new.json --yes --json")],
  ] as const;
  for (const [schema, page] of pages) assertIs(schema, page);
});
