import assert from "node:assert/strict";
import { RELEASES_URL, VERSION } from "../../src/cli/version.ts";
import project from "../../deno.json" with { type: "json" };

Deno.test("VERSION is that of the project", () => {
  assert.equal(VERSION, project.version);
});

Deno.test("RELEASES_URL is not known to the sources", () => {
  assert.equal(RELEASES_URL, undefined);
});
