import { shutdown } from "../../src/api/shutdown.ts";
import { aManagedProxy } from "../support/managed_proxy.ts";
import { assertIs } from "../support/pages.ts";

Deno.test("POST /shutdown answers what is declared, and nothing else", async () => {
  const { body } = await aManagedProxy().ask("POST /shutdown");
  assertIs(shutdown, body);
});
