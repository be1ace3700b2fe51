import assert from "node:assert/strict";
import { runTool } from "../../src/system/tool.ts";
import { inFolder } from "../support/temp_folder.ts";

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

/** As a command of the user's, with these variables and PATH alone. */
function runAlone(
  script: string,
  { env = {}, stdin = "", timeoutMs = 60_000 }: { env?: object; stdin?: string; timeoutMs?: number } = {},
) {
  const aloneWith = { PATH: Deno.env.get("PATH") ?? "", ...env };
  return runTool("sh", ["-c", script], { stdin, timeoutMs, aloneWith });
}

Deno.test("runTool() gives a program that is alone its input and this environment, and discards its output", () =>
  inFolder(async (folder) => {
    Deno.env.set("CDX2_TEST_SECRET", "of the test");
    const end = await runAlone(`cat > ${folder}/in; env > ${folder}/env; echo said; exit 3`, {
      env: { A: "1" },
      stdin: "hello",
    });
    Deno.env.delete("CDX2_TEST_SECRET");
    assert.deepEqual(end, { kind: "exited", code: 3, stdout: "", stderr: "" });
    assert.equal(await Deno.readTextFile(`${folder}/in`), "hello");
    const seen = await Deno.readTextFile(`${folder}/env`);
    assert.match(seen, /^A=1$/m);
    assert.doesNotMatch(seen, /CDX2_TEST_SECRET/);
  }));

Deno.test("runTool() does not mind a program that is alone and reads nothing", async () => {
  const end = await runAlone("exec 0<&-; exit 0", { stdin: "x".repeat(200_000) });
  assert.deepEqual(end, { kind: "exited", code: 0, stdout: "", stderr: "" });
});

Deno.test("runTool() ends a program that is alone with all that it has started", () =>
  inFolder(async (folder) => {
    const script = `sleep 60 & echo $! > ${folder}/started; wait`;
    const ended = runAlone(script, { timeoutMs: 2_000 });
    assert.deepEqual(await ended, { kind: "timeout" });
    const pid = await Deno.readTextFile(`${folder}/started`);
    const isGone = () => {
      const { stdout } = new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid.trim()] }).outputSync();
      return /^Z|^$/.test(new TextDecoder().decode(stdout).trim());
    };
    for (const endMs = Date.now() + 30_000; !isGone() && Date.now() < endMs;) {
      await new Promise((go) => setTimeout(go, 10));
    }
    assert.ok(isGone());
  }));
