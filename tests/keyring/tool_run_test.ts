import assert from "node:assert/strict";
import { KeyringError } from "../../src/keyring/items.ts";
import { runKeyringTool } from "../../src/keyring/tool_run.ts";
import type { ToolEnd } from "../../src/system/tool.ts";

function run(end: ToolEnd) {
  const options = { runTool: () => Promise.resolve(end), timeoutMs: 8000 };
  return runKeyringTool(options, ["tool", "verb"], { stdin: "", missing: "install it" });
}

/** `[how the program ended, the message, its hint]` */
const FAILURES: [ToolEnd, string, string][] = [
  [{ kind: "not_found" }, "there is no program tool", "install it"],
  [
    { kind: "timeout" },
    "tool did not answer within 8s",
    "unlock the keyring: a window may be waiting for its password",
  ],
];

for (const [end, message, hint] of FAILURES) {
  Deno.test(`runKeyringTool() says what to do: ${end.kind}`, async () => {
    const error = await run(end).catch((error) => error);
    assert.ok(error instanceof KeyringError);
    assert.deepEqual([error.message, error.hint], [message, hint]);
  });
}

Deno.test("runKeyringTool() leaves the exit code to its caller", async () => {
  const end = { kind: "exited", code: 3, stdout: "a", stderr: "b" } as const;
  assert.equal(await run(end), end);
});
