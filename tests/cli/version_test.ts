import assert from "node:assert/strict";
import { VERSION } from "../../src/cli/version.ts";
import project from "../../deno.json" with { type: "json" };

Deno.test("VERSION is that of the project", () => {
  assert.equal(VERSION, project.version);
});
