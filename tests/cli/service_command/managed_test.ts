import assert from "node:assert/strict";
import { autostartOf, networkVariables, startManaged } from "../../../src/cli/service_command/managed.ts";
import { FakeProcesses } from "../../support/fake_processes.ts";
import { MemoryFiles } from "../../support/memory_files.ts";
import { someSettings } from "../../support/service_world.ts";

const PLATFORM = { system: "linux", self: ["/opt/cdx2"], userId: 1 } as const;

function aWorld() {
  const processes = new FakeProcesses();
  processes.outputs.set("systemctl --user start cdx2.service", "");
  return { platform: PLATFORM, env: {}, homeFolder: "/home/ann", files: new MemoryFiles(), processes };
}

const INI = { env: { CLIPROXY_MANAGEMENT_KEY: "" } };

Deno.test("startManaged() starts what is installed for this auth dir, and nothing else", async () => {
  const world = aWorld();
  const { file, text } = autostartOf(world, someSettings(INI))!;
  assert.equal(await startManaged(world, someSettings(INI)), false, "not installed");
  world.files.put(file, text.replaceAll("/keys", "/other"));
  assert.equal(await startManaged(world, someSettings(INI)), false, "of another auth dir");
  world.files.put(file, text);
  assert.equal(await startManaged(world, someSettings(INI)), true);
});

Deno.test("startManaged() does not start it for settings that it would not have", async () => {
  const world = aWorld();
  world.files.put(autostartOf(world, someSettings())!.file, autostartOf(world, someSettings())!.text);
  assert.equal(await startManaged(world, someSettings({ ...INI, flags: { port: "81" } })), false);
  assert.equal(await startManaged(world, someSettings({ env: { CLIPROXY_PORT: "81" } })), false);
  assert.equal(
    await startManaged(world, someSettings({ ...INI, envFileText: "CLIPROXY_PORT=81\n" })),
    true,
    ".env is the service's too",
  );
});

Deno.test("startManaged() is false when the manager does not start it", async () => {
  const world = aWorld();
  world.files.put(autostartOf(world, someSettings(INI))!.file, autostartOf(world, someSettings(INI))!.text);
  world.processes.outputs.clear();
  assert.equal(await startManaged(world, someSettings(INI)), false);
});

Deno.test("networkVariables() leaves out those with a password", () => {
  const env = {
    HTTPS_PROXY: "http://u:secret@p:1",
    all_proxy: "u:secret@p",
    NO_PROXY: "a",
    HTTP_PROXY: "http://p",
    X: "1",
  };
  assert.deepEqual(networkVariables(env), {
    kept: { HTTP_PROXY: "http://p", NO_PROXY: "a" },
    secret: ["HTTPS_PROXY", "all_proxy"],
  });
});
