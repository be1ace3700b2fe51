// Imports of files that hold several logins, or those of other tools.

import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";
import { codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";
import { TOOL_FILES } from "../../support/tool_files.ts";

const FILE = "/home/ann/logins.json";

function aWorld(text: string): CliWorld {
  const world = new CliWorld();
  world.machine.files.put(FILE, text);
  world.upstream = new FakeSend(answer(200, { chatgpt_account_id: "acct-pat", email: "pat@example.com" }));
  return world;
}

async function keysIn({ machine: { files } }: CliWorld): Promise<readonly string[]> {
  return (await files.list(AUTH_DIR)).filter((name) => name.endsWith(".json") && name !== "work.json");
}

function fileOf(name: string): string {
  return TOOL_FILES.find((file) => file.name === name)!.text;
}

for (const { name, text, accounts, refused, skipped } of TOOL_FILES) {
  Deno.test(`auth import makes ${accounts.length} keys of ${name}`, async () => {
    const world = aWorld(text);
    const { code, out, err } = await world.run(`auth import ${FILE} --json`);
    assert.equal((await keysIn(world)).length, accounts.length);
    assert.doesNotMatch(out + err, /eyJ|rt_test|at-test|sk-(?:alone|ant|opencode)/);
    for (const { headers } of world.upstream.requests) {
      assert.doesNotMatch(headers.get("authorization") ?? "", /sk-ant|ya29/);
    }
    if (refused) {
      assert.equal(code, 1);
      assert.match(err, refused);
      return;
    }
    assert.equal(JSON.parse(out).keys.length, accounts.length);
    if (skipped) assert.match(err, skipped);
    else assert.equal(code, 0, err);
  });
}

Deno.test("auth import finds the account of a personal access token by one question", async () => {
  const world = aWorld(fileOf("a personal access token"));
  await world.run(`auth import ${FILE}`);
  assert.deepEqual(await keysIn(world), ["pat@example.com.json"]);
  const { account_id, personal_access_token } = JSON.parse(
    world.machine.files.text(`${AUTH_DIR}/pat@example.com.json`)!,
  );
  assert.deepEqual([account_id, personal_access_token], ["acct-pat", "at-test-1"]);
  const asked = world.upstream.requests.filter(({ url }) => url.includes("whoami"));
  assert.equal(asked.length, 1);
});

Deno.test("auth import says that another tool has the login as well, and what to do about it", async () => {
  const text = fileOf("opencode");
  const { err } = await aWorld(text).run(`auth import ${FILE}`);
  assert.match(err, /note: opencode or pi has the same login.*--move.*--borrow/);
  const moving = aWorld(text);
  assert.doesNotMatch((await moving.run(`auth import --move ${FILE}`)).err, /has the same login/);
  assert.equal(moving.machine.files.text(FILE), undefined);
  const borrowing = aWorld(text);
  assert.doesNotMatch((await borrowing.run(`auth import --borrow ${FILE}`)).err, /has the same login/);
  assert.doesNotMatch(borrowing.machine.files.text(`${AUTH_DIR}/a1@example.com.json`)!, /rt_test/);
});

Deno.test("auth import --move does not remove a file with a login that would be lost", async () => {
  const world = aWorld(fileOf("opencode with others"));
  const { code, err } = await world.run(`auth import --move ${FILE}`);
  assert.equal(code, 1);
  assert.match(err, /Cannot move \S+: anthropic would be lost: a login of Claude/);
  assert.ok(world.machine.files.text(FILE));
  assert.deepEqual(await keysIn(world), []);
});

Deno.test("auth import borrows a copy of the login that Codex has, and does not move it", async () => {
  const login = codexLogin({ refreshToken: "rt_codex" });
  const world = aWorld(login);
  world.machine.files.put("/home/ann/.codex/auth.json", login);
  const moved = await world.run(`auth import --move ${FILE}`);
  assert.equal(moved.code, 1);
  assert.match(moved.err, /Codex uses this login as well: take it over from there/);
  assert.ok(world.machine.files.text(FILE));
  assert.match((await world.run(`auth import ${FILE}`)).err, /it is borrowed/);
  assert.doesNotMatch(world.machine.files.text(`${AUTH_DIR}/ann@example.com.json`)!, /rt_codex/);
});

Deno.test("auth import goes on with the others when one cannot be imported, and exits with 1", async () => {
  const world = aWorld(JSON.stringify([JSON.parse(codexLogin({ issue: 2 })), JSON.parse(fileOf("Codex"))]));
  world.machine.files.put(`${AUTH_DIR}/ann.json`, codexLogin());
  const { code, out, err } = await world.run(`auth import ${FILE} --json`);
  assert.equal(code, 1);
  assert.match(err, /skipped \S+: this account is in ann\.json already \(add --replace/);
  assert.deepEqual(JSON.parse(out).keys.map(({ file }: { file: string }) => file), ["a1@example.com.json"]);
  assert.equal(JSON.parse(out).skipped.length, 1);
});

for (
  const [line, says] of [
    [`auth import --move --borrow ${FILE}`, /move a login and borrow it at once/],
    [`auth import --name x ${FILE}`, /one name to 2 keys/],
    ["auth import --move -", /move a login out of standard input/],
  ] as const
) {
  Deno.test(`${line} is refused`, async () => {
    const world = aWorld(fileOf("a list"));
    world.terminal.inText = "at-1\n";
    const { code, err } = await world.run(line);
    assert.equal(code, 2);
    assert.match(err, says);
  });
}

Deno.test("auth import takes Codex's login over from the keyring", async () => {
  const world = aWorld("{}");
  world.machine.files.put("/home/ann/.codex/config.toml", "");
  const hash = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode("/home/ann/.codex")),
  );
  const entry = `service Codex Auth username cli|${hash.toHex().slice(0, 16)}`;
  const { outputs } = world.machine.processes;
  outputs.set(`secret-tool lookup ${entry}`, codexLogin({ refreshToken: "rt_codex" }));
  assert.match((await world.run("auth import --move")).err, /entry in the keyring could not be removed/);
  outputs.set(`secret-tool clear ${entry}`, "");
  assert.match((await world.run("auth import --move")).err, /removed Codex's entry in the keyring/);
});

Deno.test("auth import --renew-now makes a key of a refresh token alone, and only then", async () => {
  const world = aWorld(fileOf("only a refresh token"));
  const refused = await world.run(`auth import ${FILE}`);
  assert.match(refused.err, /only a refresh token.*\nhint: .*"cdx2 auth login".*--renew-now/);
  assert.equal(world.upstream.requests.length, 0);
  const { tokens } = JSON.parse(codexLogin({ refreshToken: "rt_renewed" }));
  world.upstream = new FakeSend(answer(200, tokens));
  const { code, err } = await world.run(`auth import --renew-now ${FILE}`);
  assert.equal(code, 0, err);
  assert.match(err, /it was renewed: the program that had it has to log in again/);
  assert.match(world.machine.files.text(`${AUTH_DIR}/ann@example.com.json`)!, /rt_renewed/);
  assert.match((await world.run(`auth import --renew-now ${FILE}`)).err, /its refresh token is used up/);
  assert.equal(world.upstream.requests.length, 1);
});

Deno.test("auth import --renew-now loses no login whose account is there already", async () => {
  const world = aWorld(fileOf("only a refresh token"));
  world.machine.files.put(`${AUTH_DIR}/team.json`, codexLogin());
  const { tokens } = JSON.parse(codexLogin({ refreshToken: "rt_renewed", issue: 2 }));
  world.upstream = new FakeSend(answer(200, tokens));
  const { code, err } = await world.run(`auth import --renew-now ${FILE}`);
  assert.equal(code, 1);
  const path = /is in (\S+): import that file/.exec(err)![1]!;
  assert.match(world.machine.files.text(path)!, /rt_renewed/);
});
