import { poolUsage } from "../../src/api/pool_usage.ts";
import { assertIs } from "../support/pages.ts";
import { aPoolUsage } from "../support/usage.ts";

Deno.test("pool-usage tells what all members used", () => {
  assertIs(poolUsage, aPoolUsage());
});
