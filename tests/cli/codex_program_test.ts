import assert from "node:assert/strict";
import { codexProgram } from "../../src/cli/codex_program.ts";

Deno.test("codexProgram() is the one that the user names, else the one on PATH", () => {
  assert.deepEqual(codexProgram({ CDX2_CODEX_BIN: "/opt/codex" }), { command: "/opt/codex", isNamed: true });
  for (const env of [{}, { CDX2_CODEX_BIN: "" }]) {
    assert.deepEqual(codexProgram(env), { command: "codex", isNamed: false });
  }
});
