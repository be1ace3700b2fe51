import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";
import { T0 } from "../../support/builders.ts";

const CODEX_FILE = "/home/ann/.codex/auth.json";

/** A world in which Codex is logged in. */
function aWorld(login = codexLogin({ refreshToken: "rt_codex" })): CliWorld {
  const world = new CliWorld();
  world.machine.files.put(CODEX_FILE, login);
  return world;
}

Deno.test("auth import copies the login of Codex, and warns that two now use it", async () => {
  const world = aWorld();
  const { code, out, err } = await world.run("auth import");
  assert.deepEqual([code, out], [0, ""]);
  assert.match(
    err,
    /^imported the key of ann@example\.com as ann@example\.com\.json; .* within 2 s\nnote: Codex uses/,
  );
  assert.match(err, /a login for the proxy alone: "cdx2 auth login"/);
  assert.equal(
    world.machine.files.text(`${AUTH_DIR}/ann@example.com.json`),
    world.machine.files.text(CODEX_FILE),
  );
});

Deno.test("auth import does not warn about a login apart from that of Codex", async () => {
  const world = aWorld();
  world.machine.files.put("/apart/auth.json", codexLogin({ refreshToken: "rt_apart", issue: 2 }));
  const { err } = await world.run("auth import /apart/auth.json --name team");
  assert.equal(err, "imported the key of ann@example.com as team.json; a running proxy uses it within 2 s\n");
});

Deno.test("auth import tells of a token that is over", async () => {
  const world = aWorld(codexLogin({ expiresAtMs: T0 - 7_200_000 }));
  assert.match((await world.run("auth import")).err, /\nnote: its token expired 2h ago\n$/);
});

Deno.test("auth import refuses the same account, and replaces it with --replace", async () => {
  const world = aWorld();
  await world.run("auth import --name team");
  world.machine.files.put(CODEX_FILE, codexLogin({ issue: 2 }));
  const refused = await world.run("auth import");
  assert.equal(refused.code, 1);
  assert.match(refused.err, /: this account is in team\.json already\nhint: add --replace/);
  assert.match(
    (await world.run("auth import --replace")).err,
    /^replaced the key of ann@example\.com in team\.json;/,
  );
  assert.equal(world.machine.files.text(`${AUTH_DIR}/team.json`), codexLogin({ issue: 2 }));
});

Deno.test("auth import --json tells what was done, without a token", async () => {
  const { out } = await aWorld().run("auth import --json --quiet");
  const { how, file, email, account_id, auth_dir, notes } = JSON.parse(out);
  assert.deepEqual([how, file, email, account_id, auth_dir, notes.length], [
    "added",
    "ann@example.com.json",
    "ann@example.com",
    "acct-ann",
    AUTH_DIR,
    2,
  ]);
  assert.doesNotMatch(out, /eyJ|rt_codex/);
});

Deno.test("auth import takes an API key from standard input", async () => {
  const world = new CliWorld();
  world.terminal.inText = "sk-lab-1\n";
  const { code, err } = await world.run("auth import --api-key-stdin --name lab");
  assert.deepEqual([code, err], [0, "imported the key as lab.json; a running proxy uses it within 2 s\n"]);
  assert.equal(JSON.parse(world.machine.files.text(`${AUTH_DIR}/lab.json`)!).OPENAI_API_KEY, "sk-lab-1");
});

Deno.test("auth import creates the auth dir, but not for a key that it refuses", async () => {
  const world = aWorld("{}");
  await world.run("auth import --auth-dir /new/keys");
  assert.equal(await world.machine.files.info("/new"), undefined);
  world.machine.files.put(CODEX_FILE, codexLogin());
  await world.run("auth import --auth-dir /new/keys");
  assert.ok(world.machine.files.text("/new/keys/ann@example.com.json"));
});

Deno.test("auth import refuses a name that leads to another folder", async () => {
  const world = aWorld();
  for (const name of ["../x", "/etc/x", ".env", "rr_proxy_v2.state", ""]) {
    const { code, err } = await world.run("auth import --name", name);
    assert.equal(code, 2, name);
    assert.match(err, /Allowed are 1 to 60 letters/);
  }
});
