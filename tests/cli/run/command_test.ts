import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

function worldWith(program: string, exitCode: number): CliWorld {
  const world = new CliWorld();
  world.exitCodes[program] = exitCode;
  world.runService();
  return world;
}

Deno.test("run gives the command the proxy's environment over the user's own", async () => {
  const world = worldWith("make", 0);
  await world.run("run -- make");
  const { env } = world.children[0]!;
  assert.equal(env["OPENAI_BASE_URL"], "http://127.0.0.1:8317");
  assert.equal(env["PATH"], "/bin");
});

Deno.test("run returns the command's exit code and adds nothing to its output", async () => {
  assert.deepEqual(await worldWith("make", 130).run("run -- make"), { code: 130, out: "", err: "" });
});

for (const separator of ["", "-- "]) {
  Deno.test(`run passes on options after the command ${separator ? "with" : "without"} a separator`, async () => {
    const world = worldWith("echo", 0);
    await world.run(`run --port 8317 ${separator}echo --json -n -- --port 1`);
    assert.deepEqual(world.children[0]!.commandLine, ["echo", "--json", "-n", "--", "--port", "1"]);
  });
}

Deno.test("run ends with 127 when there is no such command", async () => {
  const { code, err } = await worldWith("make", 0).run("run nosuch");
  assert.deepEqual([code, err], [127, "Cannot run nosuch: there is no such command\n"]);
});

Deno.test("run --key names the key in the address", async () => {
  const world = worldWith("make", 0);
  world.machine.files.put(`${AUTH_DIR}/work.json`, codexLogin());
  await world.run("run --key ann@example.com -- make");
  const { env } = world.children[0]!;
  assert.equal(env["OPENAI_BASE_URL"], "http://127.0.0.1:8317/cdx2-key/work.json");
  assert.equal(env["OPENAI_API_BASE"], env["OPENAI_BASE_URL"]);
});

Deno.test("run gives Codex the address in its arguments, since it does not read it from the environment", async () => {
  const world = worldWith("/opt/bin/codex", 0);
  await world.run("run -- /opt/bin/codex exec --json", "say hi");
  const { commandLine } = world.children[0]!;
  assert.ok(
    commandLine.some((arg) => arg.includes('base_url="http://127.0.0.1:8317')),
    commandLine.join(" "),
  );
  assert.deepEqual(commandLine.slice(-3), ["exec", "--json", "say hi"]);
  await world.run("run -- /opt/bin/codex login");
  assert.deepEqual(world.children[1]?.commandLine, ["/opt/bin/codex", "login"]);
});
