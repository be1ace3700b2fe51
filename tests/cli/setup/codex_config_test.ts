import assert from "node:assert/strict";
import { readCodexConfig, writeCodexConfig } from "../../../src/cli/setup/codex_config.ts";
import { MemoryFiles } from "../../support/memory_files.ts";

Deno.test("writeCodexConfig() writes the copy of the first edit only, in the folder of CODEX_HOME", async () => {
  const files = new MemoryFiles({ "/c/config.toml": "a = 1\n" });
  const world = { files, env: { CODEX_HOME: "/c" }, homeFolder: "/home/ann" };
  await writeCodexConfig(world, await readCodexConfig(world), "b = 1 # set by cdx2 setup codex\na = 1\n");
  await writeCodexConfig(world, await readCodexConfig(world), "b = 2 # set by cdx2 setup codex\na = 1\n");
  assert.equal(files.text("/c/config.toml.before-cdx2"), "a = 1\n");
  assert.match(files.text("/c/config.toml")!, /^b = 2/);
});
