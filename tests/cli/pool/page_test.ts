import { pool } from "../../../src/cli/pool/page.ts";
import { assertIs } from "../../support/pages.ts";
import { aShared } from "../../support/shared.ts";

Deno.test("the JSON of pool is as declared, with a shared pool and without", () => {
  assertIs(pool, { shared: aShared() });
  assertIs(pool, { shared: null });
});
