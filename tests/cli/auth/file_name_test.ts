import assert from "node:assert/strict";
import { fileNameFrom } from "../../../src/cli/auth/file_name.ts";

Deno.test("fileNameFrom() gives the file of a name, and says which names are allowed", () => {
  assert.equal(fileNameFrom("work"), "work.json");
  assert.equal(fileNameFrom("work.json"), "work.json");
  assert.throws(() => fileNameFrom("../work"), /^InvalidArgumentError|Allowed are 1 to 60 letters/);
});
