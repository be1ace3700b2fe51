import { shared } from "../../src/api/shared.ts";
import { assertIs } from "../support/pages.ts";
import { aShared } from "../support/shared.ts";

Deno.test("the part about a shared pool is as declared, in every state", () => {
  assertIs(shared, aShared());
  assertIs(shared, aShared({ state: "connecting", since: null, lag_ms: null, members: [], found_by: [] }));
  assertIs(shared, aShared({ state: "degraded", reason: "connection refused" }));
});
