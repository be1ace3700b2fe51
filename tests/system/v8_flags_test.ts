import assert from "node:assert/strict";
import { V8_FLAGS } from "../../src/system/v8_flags.ts";

Deno.test("V8_FLAGS are known to this V8, which starts nothing with an unknown one", async () => {
  const run = async (flags: readonly string[]) => {
    const args = ["eval", `--v8-flags=${flags}`, "console.log('started')"];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
    return new TextDecoder().decode(stdout);
  };
  assert.equal(await run(V8_FLAGS), "started\n");
  assert.equal(await run([...V8_FLAGS, "--no-such-flag"]), "");
});
