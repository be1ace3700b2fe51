import assert from "node:assert/strict";
import { parseAuthFile } from "../../../src/auth/record.ts";
import { T0 } from "../../support/builders.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { accessTokenIn, codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

const LOGIN = codexLogin({ refreshToken: "rt_test_1", expiresAtMs: T0 + 36_000_000 });

function aWorld(text = LOGIN): CliWorld {
  const world = new CliWorld();
  world.machine.files.put(`${AUTH_DIR}/work.json`, text);
  return world;
}

Deno.test("auth export prints the key without its refresh token, and says nothing of its token", async () => {
  const { code, out, err } = await aWorld().run("auth export work --access-only");
  assert.equal(code, 0, err);
  assert.doesNotMatch(out + err, /rt_test/);
  const exported = parseAuthFile("work.json", out);
  assert.ok(exported.kind === "key");
  assert.equal(exported.record.token.reveal(), accessTokenIn(LOGIN));
  assert.ok(!err.includes(accessTokenIn(LOGIN)));
});

Deno.test("auth export says until when the key is good", async () => {
  const { err } = await aWorld().run("auth export work --access-only");
  assert.match(err, /^work\.json without its refresh token; good until .* \(in 10h\)\n$/);
  const { err: unknown } = await aWorld('{"token":"t-1"}').run("auth export work --access-only");
  assert.match(unknown, /its token does not say when it ends/);
});

/** `[arguments, exit code, error]` */
const REFUSALS: [string, number, RegExp][] = [
  ["work", 2, /^Cannot export work\.json with its refresh token\nhint: .*add --access-only\n$/],
  ["none --access-only", 1, /^Cannot export the key: /],
  ["broken --access-only", 1, /^Cannot export broken\.json: no token in it \(looked for /],
  [
    "old --access-only",
    1,
    /^Cannot export old\.json: its token ended .*\nhint: renew it with "cdx2 auth refresh old\.json"\n$/,
  ],
];

for (const [args, exitCode, error] of REFUSALS) {
  Deno.test(`"auth export ${args}" says why it does not`, async () => {
    const world = aWorld();
    world.machine.files.put(`${AUTH_DIR}/broken.json`, "{}");
    world.machine.files.put(
      `${AUTH_DIR}/old.json`,
      codexLogin({ accountId: "acct-old", expiresAtMs: T0 - 1000 }),
    );
    const { code, out, err } = await world.run(`auth export ${args}`);
    assert.deepEqual([code, out], [exitCode, ""]);
    assert.match(err, error);
  });
}

Deno.test("auth export shows no token on a terminal", async () => {
  const world = aWorld();
  world.terminal.outIsTerminal = true;
  const { code, out, err } = await world.run("auth export work --access-only");
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^Cannot export work\.json: a terminal would show its token\n/);
});
