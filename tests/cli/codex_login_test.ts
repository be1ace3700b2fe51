import assert from "node:assert/strict";
import { codexLoginText } from "../../src/cli/codex_login.ts";
import { MemoryFiles } from "../support/memory_files.ts";

Deno.test("codexLoginText() is undefined when Codex keeps its login elsewhere", async () => {
  const files = new MemoryFiles({ "/home/ann/.codex/auth.json": "{}" });
  const homeFolder = "/home/ann";
  assert.equal(await codexLoginText({ files, homeFolder, env: {} }), "{}");
  assert.equal(await codexLoginText({ files, homeFolder, env: { CODEX_HOME: "/none" } }), undefined);
});
