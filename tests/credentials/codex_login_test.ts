import assert from "node:assert/strict";
import { readCodexLogin } from "../../src/credentials/codex_login.ts";
import { loginFile } from "../support/logins.ts";
import { CODEX_FILE, RenewalWorld } from "../support/renewal_world.ts";

Deno.test("readCodexLogin() reads the file, with links resolved", async () => {
  const world = new RenewalWorld();
  assert.equal(await readCodexLogin(world.deps()), undefined);
  world.files.link(CODEX_FILE, "/keys/work.json");
  const codex = await readCodexLogin(world.deps());
  assert.equal(codex?.path, "/keys/work.json");
  assert.equal(codex?.login.refreshToken?.reveal(), "rt_1");
});

Deno.test("readCodexLogin() asks the keyring only when there is no file", async () => {
  const world = new RenewalWorld();
  world.files.put(CODEX_FILE, "{}");
  for (const program of ["secret-tool lookup service", "security find-generic-password -s"]) {
    const account = program.startsWith("secret-tool") ? "username" : "-a";
    const end = account === "-a" ? " -w" : "";
    world.outputs.clear();
    world.outputs.set(`${program} Codex Auth ${account} cli|0fabc1fdf822efce${end}`, loginFile());
    world.files.put(CODEX_FILE, "{}");
    assert.equal(await readCodexLogin(world.deps()), undefined);
    world.files.delete(CODEX_FILE);
    const codex = await readCodexLogin(world.deps());
    assert.deepEqual([codex?.path, codex?.login.refreshToken?.reveal()], [undefined, "rt_1"]);
  }
});
