import assert from "node:assert/strict";
import { runShortCommand } from "../../src/system/short_command.ts";
import { inFolder } from "../support/temp_folder.ts";

const env = { PATH: Deno.env.get("PATH") ?? "" };

function shell(
  script: string,
  over: { env?: Record<string, string>; input?: string; timeoutMs?: number } = {},
) {
  const { input = "", timeoutMs = 10_000 } = over;
  return runShortCommand({
    command: "sh",
    args: ["-c", script],
    env: { ...env, ...over.env },
    input,
    timeoutMs,
  });
}

Deno.test("a short command gets its input and this environment alone", () =>
  inFolder(async (folder) => {
    Deno.env.set("CDX2_TEST_SECRET", "of the test");
    assert.equal(
      await shell(`cat > ${folder}/in; env > ${folder}/env`, { env: { A: "1" }, input: "hello" }),
      "succeeded",
    );
    Deno.env.delete("CDX2_TEST_SECRET");
    assert.equal(await Deno.readTextFile(`${folder}/in`), "hello");
    const seen = await Deno.readTextFile(`${folder}/env`);
    assert.match(seen, /^A=1$/m);
    assert.doesNotMatch(seen, /CDX2_TEST_SECRET/);
  }));

Deno.test("a short command says how it ended", async () => {
  assert.equal(await shell("exit 3"), "failed");
  assert.equal(
    await shell("exec 0<&-; exit 0", { input: "x".repeat(200_000) }),
    "succeeded",
    "it need not read",
  );
  assert.equal(
    await runShortCommand({ command: "/no/such", args: [], env, input: "", timeoutMs: 1 }),
    "not_started",
  );
});

Deno.test("a short command that takes too long is killed with all that it has started", () =>
  inFolder(async (folder) => {
    const script = `sleep 60 & echo $! > ${folder}/pid; wait`;
    assert.equal(await shell(script, { timeoutMs: 500 }), "timed_out");
    const pid = Number(await Deno.readTextFile(`${folder}/pid`));
    const isGone = () => {
      const { stdout } = new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] }).outputSync();
      return /^Z|^$/.test(new TextDecoder().decode(stdout).trim());
    };
    for (const endMs = Date.now() + 5_000; !isGone() && Date.now() < endMs;) {
      await new Promise((go) => setTimeout(go, 10));
    }
    assert.ok(isGone());
  }));
