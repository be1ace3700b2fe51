import { poolHome } from "../../src/api/pool_home.ts";
import { assertIs } from "../support/pages.ts";

Deno.test("pool-home tells what became of a move, and who was the home", () => {
  assertIs(poolHome, { file: "a.json", outcome: "away", home: "build-1" });
  assertIs(poolHome, { file: "a.json", outcome: "moved", home: null });
});
