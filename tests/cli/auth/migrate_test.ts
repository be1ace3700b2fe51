import assert from "node:assert/strict";
import { holdsTokens } from "../../../src/auth/kept_tokens.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { loginFile } from "../../support/logins.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

const WORK = loginFile({ account: "acct-1", more: { alias: "main" } });
const LAB = loginFile({ account: "acct-2", refreshToken: "rt_2" });

function world() {
  const cli = new CliWorld();
  const { files } = cli.machine;
  files.put(`${AUTH_DIR}/work.json`, WORK);
  files.put(`${AUTH_DIR}/lab.json`, LAB);
  const textOf = (name: string) => files.text(`${AUTH_DIR}/${name}`)!;
  return { cli, files, textOf };
}

Deno.test("auth migrate moves all tokens into the keyring, where every command finds them, and back", async () => {
  const { cli, textOf } = world();
  const there = await cli.run("auth migrate --to keyring");
  assert.equal(there.code, 0);
  assert.match(there.err, /work\.json: its tokens are now in the keyring\n/);
  assert.match(there.err, /set CLIPROXY_KEYRING=on/);
  for (const name of ["work.json", "lab.json"]) assert.equal(holdsTokens(textOf(name)), false);

  const { out } = await cli.run("auth list --json");
  const listed = JSON.parse(out).files.map((
    { file, in_keyring, usable }: Record<string, unknown>,
  ) => [file, in_keyring, usable]);
  assert.deepEqual(listed, [["lab.json", true, true], ["work.json", true, true]]);
  assert.equal((await cli.run("auth disable MAIN")).code, 0);
  assert.equal((await cli.run("auth enable MAIN")).code, 0);
  assert.equal((await cli.run("auth rename lab office")).code, 0);
  assert.equal(holdsTokens(textOf("office.json")), false);

  assert.equal((await cli.run("auth migrate --to file")).code, 0);
  assert.deepEqual([textOf("work.json"), textOf("office.json")], [WORK, LAB]);
  assert.equal(cli.keyring.entries.size, 0);
});

Deno.test("auth migrate moves one key by any of its names, and prints JSON", async () => {
  const { cli, textOf } = world();
  const { code, out } = await cli.run("auth migrate --to keyring --json main");
  assert.deepEqual([code, JSON.parse(out)], [0, {
    to: "keyring",
    keys: [{ file: "work.json", outcome: "moved", reason: null }],
    auth_dir: AUTH_DIR,
  }]);
  assert.deepEqual([holdsTokens(textOf("work.json")), textOf("lab.json")], [false, LAB]);
});

Deno.test("auth migrate changes nothing when there is no keyring, and says why", async () => {
  const { cli, textOf } = world();
  cli.keyring.problem = "there is no program secret-tool";
  const { code, err } = await cli.run("auth migrate --to keyring");
  assert.deepEqual([code, err], [
    1,
    "Cannot move tokens into the keyring: there is no program secret-tool\n",
  ]);
  assert.equal(textOf("work.json"), WORK);
});

Deno.test("auth migrate needs a place", async () => {
  const { cli } = world();
  assert.equal((await cli.run("auth migrate")).code, 2);
  assert.equal((await cli.run("auth migrate --to cloud")).code, 2);
});

Deno.test("a key in a locked keyring is listed with the reason, and removed with a note", async () => {
  const { cli, files } = world();
  await cli.run("auth migrate --to keyring");
  cli.keyring.problem = "the keyring is locked";
  const { out } = await cli.run("auth list");
  assert.match(out, /work\.json: cannot be read: its tokens are in the keyring: the keyring is locked/);
  const { code, err } = await cli.run("auth remove work.json --yes");
  assert.equal(code, 0);
  assert.match(err, /note: its tokens may still be in the keyring: the keyring is locked/);
  assert.equal(files.text(`${AUTH_DIR}/work.json`), undefined);
});

Deno.test("auth remove takes the tokens out of the keyring, too", async () => {
  const { cli } = world();
  await cli.run("auth migrate --to keyring");
  assert.equal((await cli.run("auth remove main --yes")).code, 0);
  assert.equal(cli.keyring.entries.size, 1);
});
