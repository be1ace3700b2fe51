import assert from "node:assert/strict";
import * as z from "zod/mini";
import { shutdown } from "../../src/api/shutdown.ts";
import { aManagedProxy } from "../support/managed_proxy.ts";

Deno.test("POST /shutdown answers what is declared, and nothing else", async () => {
  const { body } = await aManagedProxy().ask("POST /shutdown");
  assert.deepEqual(z.parse(shutdown, body), body);
});
