import assert from "node:assert/strict";

Deno.test("a program gets its arguments, and ends at once with the code that it names", async () => {
  const module = new URL("../../src/system/own_run.ts", import.meta.url);
  const code = `import { commandLine, exitProcess } from "${module}";
    console.log(JSON.stringify(commandLine()));
    setTimeout(() => {}, 60_000);
    exitProcess(7);
    console.log("never");`;
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", code, "one", "--two"], stderr: "null" });
  const { code: ended, stdout } = await child.output();
  assert.deepEqual([ended, new TextDecoder().decode(stdout)], [7, '["one","--two"]\n']);
});
