import assert from "node:assert/strict";
import { authImport } from "../../../src/cli/auth/pages.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";
import { codexLogin } from "../../support/login.ts";
import { loginFile } from "../../support/logins.ts";
import { assertIs } from "../../support/pages.ts";
import { AUTH_DIR } from "../../support/service_world.ts";
import { T0 } from "../../support/builders.ts";

const CODEX_FILE = "/home/ann/.codex/auth.json";
const KEY_FILE = `${AUTH_DIR}/ann@example.com.json`;

/** A world in which Codex is logged in, and the upstream takes every key. */
function aWorld(login = codexLogin({ refreshToken: "rt_codex" })): CliWorld {
  const world = new CliWorld();
  world.machine.files.put(CODEX_FILE, login);
  world.upstream = new FakeSend(answer(200, { rate_limit: { allowed: true } }));
  return world;
}

Deno.test("auth import borrows the login of Codex: its refresh token stays there, and the user is told", async () => {
  const world = aWorld();
  const before = world.machine.files.text(CODEX_FILE)!;
  const { code, out, err } = await world.run("auth import");
  assert.deepEqual([code, out], [0, ""]);
  assert.match(err, /^imported the key of ann@example\.com as ann@example\.com\.json; .* within 2s\n/);
  assert.match(err, /\nnote: it is borrowed: its refresh token stays with Codex/);
  assert.match(err, /cdx2 auth import --move/);
  assert.equal(world.machine.files.text(KEY_FILE), before.replace("rt_codex", ""));
  assert.equal(world.machine.files.text(CODEX_FILE), before);
});

Deno.test("auth import --move takes the login over, and removes it where it was", async () => {
  const world = aWorld();
  const before = world.machine.files.text(CODEX_FILE)!;
  const { code, err } = await world.run("auth import --move");
  assert.equal(code, 0);
  assert.match(err, /removed \/home\/ann\/\.codex\/auth\.json: no other program holds this login any more/);
  assert.equal(world.machine.files.text(KEY_FILE), before);
  assert.equal(world.machine.files.text(CODEX_FILE), undefined);
  assert.ok(world.upstream.requests.every(({ url }) => !/revoke|oauth/.test(url)));
});

Deno.test("auth import --move makes a borrowed key a whole one", async () => {
  const world = aWorld();
  await world.run("auth import --name team");
  const { code, err } = await world.run("auth import --move");
  assert.equal(code, 0);
  assert.match(err, /^replaced the key of ann@example\.com in team\.json/);
  assert.match(world.machine.files.text(`${AUTH_DIR}/team.json`)!, /rt_codex/);
});

Deno.test("auth import --move keeps the source when the key cannot be written", async () => {
  const world = aWorld();
  world.machine.files.failAt(KEY_FILE, "no_space");
  assert.equal((await world.run("auth import --move")).code, 1);
  assert.match(world.machine.files.text(CODEX_FILE)!, /rt_codex/);
});

Deno.test("auth import --move leaves a file of the auth dir where it is", async () => {
  const world = aWorld();
  world.machine.files.put(KEY_FILE, codexLogin());
  assert.equal((await world.run(`auth import --move ${KEY_FILE}`)).code, 2);
  assert.ok(world.machine.files.text(KEY_FILE));
});

Deno.test("auth import finds nothing to do for the same file again", async () => {
  const world = aWorld();
  await world.run("auth import");
  const { code, out, err } = await world.run("auth import --json");
  assert.equal(code, 0);
  assert.match(
    err,
    /^ann@example\.com\.json already holds the key of ann@example\.com: there is nothing to do\n/,
  );
  assert.deepEqual([JSON.parse(out).how, JSON.parse(out).file], ["already_there", "ann@example.com.json"]);
});

Deno.test("auth import does not borrow a login apart from that of Codex", async () => {
  const world = aWorld();
  const apart = codexLogin({
    refreshToken: "rt_apart",
    issue: 2,
    accountId: "acct-b",
    email: "b@example.com",
  });
  world.machine.files.put("/apart/auth.json", apart);
  const { err } = await world.run("auth import /apart/auth.json --name team");
  assert.equal(err, "imported the key of b@example.com as team.json; a running proxy uses it within 2s\n");
  assert.equal(world.machine.files.text(`${AUTH_DIR}/team.json`), apart);
});

Deno.test("auth import tells of a token that has expired, and does not ask with it", async () => {
  const world = aWorld(codexLogin({ expiresAtMs: T0 - 7_200_000 }));
  assert.match((await world.run("auth import")).err, /\nnote: its token expired 2h ago\n/);
  assert.equal(world.upstream.requests.length, 0);
});

Deno.test("auth import refuses a key that does not work, unless it is not to be checked", async () => {
  const world = aWorld();
  world.upstream = new FakeSend(answer(401, { error: { code: "token_invalidated" } }));
  const refused = await world.run("auth import");
  assert.equal(refused.code, 1);
  assert.match(refused.err, /^Cannot import \S+: https:\/\/chatgpt\.com rejects its token \(status 401/);
  assert.equal(world.machine.files.text(KEY_FILE), undefined);
  const unchecked = await world.run("auth import --no-check");
  assert.equal(unchecked.code, 0);
  assert.match(unchecked.err, /\nnote: it was not checked\n/);
});

Deno.test("auth import works without a network", async () => {
  const world = aWorld();
  world.upstream = new FakeSend("not_sent");
  const { code, err } = await world.run("auth import");
  assert.equal(code, 0);
  assert.match(err, /\nnote: it could not be checked: https:\/\/chatgpt\.com is not reachable/);
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

Deno.test("auth import --replace does not overwrite a refresh token that is nowhere else", async () => {
  const world = aWorld(loginFile({ session: "of Codex", refreshToken: "rt_codex" }));
  const own = loginFile({ session: "of the key", refreshToken: "rt_own", lifeMs: 1 });
  world.machine.files.put(`${AUTH_DIR}/team.json`, own);
  const { code, err } = await world.run("auth import --replace");
  assert.equal(code, 1);
  assert.match(
    err,
    /team\.json has a login of its own, with a refresh token, and this one has none\nhint: add --move/,
  );
  assert.equal(world.machine.files.text(`${AUTH_DIR}/team.json`), own);
  assert.equal((await world.run("auth import --replace --move")).code, 0);
  assert.match(world.machine.files.text(`${AUTH_DIR}/team.json`)!, /rt_codex/);
});

Deno.test("auth import puts tokens into the keyring when that is on, and takes them from a kept file", async () => {
  const world = aWorld();
  world.env = { ...world.env, CLIPROXY_KEYRING: "on" };
  assert.equal((await world.run("auth import")).code, 0);
  assert.doesNotMatch(world.machine.files.text(KEY_FILE)!, /eyJ/);
  assert.match(world.keyring.text, /eyJ/);
  const { code } = await world.run(`auth import ${KEY_FILE} --auth-dir /other`);
  assert.equal(code, 0);
  assert.equal(world.keyring.entries.size, 2);
  world.keyring.problem = "the keyring is locked";
  const { err } = await world.run("auth import --auth-dir /third");
  assert.equal(err, "Cannot import keys into the keyring: the keyring is locked\n");
});

Deno.test("auth import --json tells what was done, without a token", async () => {
  const { out } = await aWorld().run("auth import --json --quiet");
  assertIs(authImport, JSON.parse(out));
  const { how, file, email, account_id, auth_dir, notes, keys, skipped } = JSON.parse(out);
  assert.deepEqual([how, file, email, account_id, auth_dir, notes.length, keys.length, skipped], [
    "added",
    "ann@example.com.json",
    "ann@example.com",
    "acct-ann",
    AUTH_DIR,
    2,
    1,
    [],
  ]);
  assert.doesNotMatch(out, /eyJ|rt_codex/);
});

Deno.test("auth import takes an API key from standard input, and says where it would work", async () => {
  const world = new CliWorld();
  world.terminal.inText = "sk-lab-1\n";
  const { code, err } = await world.run("auth import --api-key-stdin --name lab");
  assert.equal(code, 0);
  assert.match(err, /^imported the key as lab\.json; .*\nnote: ChatGPT's backend takes no API keys/);
  assert.equal(JSON.parse(world.machine.files.text(`${AUTH_DIR}/lab.json`)!).OPENAI_API_KEY, "sk-lab-1");
});

Deno.test("auth import --upstream gives the key an upstream of its own, and asks there", async () => {
  const world = new CliWorld();
  world.upstream = new FakeSend(answer(200, { data: [] }));
  world.terminal.inText = "sk-lab-1\n";
  const line = "auth import --api-key-stdin --name lab --upstream https://api.openai.com/v1/";
  const { err } = await world.run(line);
  assert.equal(err, "imported the key as lab.json; a running proxy uses it within 2s\n");
  const { upstream } = JSON.parse(world.machine.files.text(`${AUTH_DIR}/lab.json`)!);
  assert.equal(upstream, "https://api.openai.com/v1");
  assert.deepEqual(world.upstream.requests.map(({ url }) => url), ["https://api.openai.com/v1/models"]);
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
