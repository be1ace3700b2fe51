import assert from "node:assert/strict";
import { runTool } from "../../src/system/tool.ts";

const run = (script: string, stdin = "", timeoutMs = 10_000) =>
  runTool("/bin/sh", ["-c", script], { stdin, timeoutMs });

Deno.test("runTool() gives what a program printed, and its exit code", async () => {
  assert.deepEqual(await run("cat; echo no >&2; exit 3", "ü text"), {
    kind: "exited",
    code: 3,
    stdout: "ü text",
    stderr: "no\n",
  });
});

Deno.test("runTool() does not mind a program that does not read its input", async () => {
  const end = await run("exit 0", "x".repeat(1_000_000));
  assert.equal(end.kind, "exited");
});

Deno.test("runTool() says when there is no such program", async () => {
  assert.deepEqual(await runTool("/none/such", [], { stdin: "", timeoutMs: 1000 }), { kind: "not_found" });
});

Deno.test({
  name: "runTool() ends a program that does not end",
  // The pipes of the program that was ended are closed later.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    assert.deepEqual(await run("exec sleep 30", "", 50), { kind: "timeout" });
  },
});
