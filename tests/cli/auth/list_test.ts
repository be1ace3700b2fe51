import assert from "node:assert/strict";
import { counted } from "../../../src/values/durations.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

/** A world with a key and a file that is none. */
function aWorld(): CliWorld {
  const world = new CliWorld();
  world.machine.files.put(`${AUTH_DIR}/work.json`, codexLogin());
  world.machine.files.put(`${AUTH_DIR}/broken.json`, "{");
  return world;
}

Deno.test("auth list shows keys and other files without a running proxy", async () => {
  const { code, out, err } = await aWorld().run("auth list");
  assert.equal(code, 0);
  assert.match(err, /^note: work\.json: .*run "cdx2 auth login --replace work"\n$/);
  assert.equal(
    out,
    "FILE       E-MAIL           PLAN  ACCOUNT   TOKEN\n" +
      "work.json  ann@example.com  plus  acct-ann  expires in 1d, not renewed: its file holds no refresh token\n" +
      "\nNot usable:\n  broken.json: not valid JSON\n",
  );
});

Deno.test("auth list --json describes each file without its token", async () => {
  const { out } = await aWorld().run("auth list --json");
  const { auth_dir, files, proxy } = JSON.parse(out);
  assert.deepEqual([auth_dir, proxy], [AUTH_DIR, { running: false, differences: [] }]);
  assert.deepEqual(files.map(({ file, usable, reason }: Record<string, unknown>) => [file, usable, reason]), [
    ["broken.json", false, "not valid JSON"],
    ["work.json", true, null],
  ]);
  const { email, plan, account_id, token_expires_at } = files[1];
  assert.deepEqual([email, plan, account_id, token_expires_at], [
    "ann@example.com",
    "plus",
    "acct-ann",
    "2027-01-16T08:00:00.000Z",
  ]);
  assert.doesNotMatch(out, /eyJ/);
});

Deno.test("auth list says where a running proxy has other keys", async () => {
  const world = aWorld();
  const { files } = JSON.parse((await world.run("auth list --json")).out);
  world.runService();
  world.answers.set("GET /auth-files", { files });
  assert.doesNotMatch((await world.run("auth list")).err, /running proxy/);

  world.machine.files.put(`${AUTH_DIR}/work.json`, codexLogin({ issue: 2 }));
  world.machine.files.put(`${AUTH_DIR}/new.json`, codexLogin({ accountId: "2" }));
  world.machine.files.delete(`${AUTH_DIR}/broken.json`);
  const { err } = await world.run("auth list");
  for (const file of ["work.json", "new.json", "broken.json"]) {
    assert.match(err, new RegExp(`^note: the running proxy does not know yet: ${file} `, "m"));
  }
  const { proxy } = JSON.parse((await world.run("auth list --json")).out);
  assert.equal(proxy.running, true);
  assert.equal(proxy.differences.length, 3);
});

Deno.test("auth list says how to add the first key, even without a folder", async () => {
  const world = new CliWorld();
  const { code, out, err } = await world.run("auth list --auth-dir /nowhere");
  assert.deepEqual([code, out], [0, ""]);
  assert.equal(
    err,
    'note: there are no keys in /nowhere: add one with "cdx2 auth login" or "cdx2 auth import"\n',
  );
});

const DISABLED = codexLogin().replace("{", '{"disabled":true,');

/** `[what the files hold, what the note says]` */
const WITHOUT: readonly [texts: readonly string[], note: RegExp][] = [
  [["not JSON"], /^note: no file in \/other can be used: each says above what is wrong with it\n$/],
  [
    [DISABLED],
    /^note: all keys are disabled: "cdx2 auth enable KEY" puts one into use\n/,
  ],
  [[DISABLED, "not JSON"], /^note: no file in \/other can be used/],
];

for (const [texts, note] of WITHOUT) {
  Deno.test(`auth list of ${counted(texts.length, "file")} notes ${note.source}`, async () => {
    const world = new CliWorld();
    texts.forEach((text, index) => world.machine.files.put(`/other/${index}.json`, text));
    assert.match((await world.run("auth list --auth-dir /other")).err, note);
  });
}
