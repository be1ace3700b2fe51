import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";
import { codexLogin } from "../../support/login.ts";
import { loginFile } from "../../support/logins.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

const CODEX_FILE = "/home/ann/.codex/auth.json";
const KEY_FILE = `${AUTH_DIR}/ann@example.com.json`;
const API_KEY = JSON.stringify({ auth_mode: "apikey", OPENAI_API_KEY: "sk-codex-own" });

/** Codex is there, and the pool is empty. `login`: what Codex has. */
function aWorld(login?: string): CliWorld {
  const world = new CliWorld();
  world.exitCodes["codex"] = 0;
  world.upstream = new FakeSend(answer(200, { rate_limit: { allowed: true } }));
  world.runService({ upstream_base_url: "https://chatgpt.com/backend-api" });
  world.answers.set("GET /health?refresh=1", { ok: true, accounts: [] });
  if (login !== undefined) world.machine.files.put(CODEX_FILE, login);
  return world;
}

function onTerminal(world: CliWorld, typed: string): CliWorld {
  Object.assign(world.terminal, { inIsTerminal: true, inText: `${typed}\n` });
  return world;
}

for (const typed of ["", "y", "Yes"]) {
  Deno.test(`codex with an empty pool adds the login of Codex when ${JSON.stringify(typed)} is typed`, async () => {
    const world = onTerminal(aWorld(codexLogin({ refreshToken: "rt_codex" })), typed);
    const { code, err } = await world.run("codex exec hi");
    assert.equal(code, 0);
    assert.match(
      err,
      /^No keys yet\. Add the login that Codex has \(ann@example\.com\)\? \[Y\/n\] added ann@/,
    );
    assert.doesNotMatch(world.machine.files.text(KEY_FILE)!, /rt_codex/);
    assert.equal(world.children.length, 1);
  });
}

Deno.test("codex with an empty pool starts nothing when the user does not want to add a key", async () => {
  const world = onTerminal(aWorld(codexLogin()), "n");
  const { code, err } = await world.run("codex exec hi");
  assert.deepEqual([code, world.children.length, world.machine.files.text(KEY_FILE)], [1, 0, undefined]);
  assert.match(
    err,
    /there are no keys yet\nhint: add the login that Codex has \(ann@example\.com\) with "cdx2 auth/,
  );
});

Deno.test("codex with an empty pool fails at once without a terminal, with the same hint", async () => {
  const world = aWorld(codexLogin());
  const { code, err } = await world.run("codex exec hi");
  assert.deepEqual([code, world.children.length], [1, 0]);
  assert.equal(
    err,
    "Cannot run Codex: there are no keys yet\n" +
      'hint: add the login that Codex has (ann@example.com) with "cdx2 auth import"\n',
  );
});

for (
  const [name, login] of [
    ["no login", undefined],
    ["an API key, which ChatGPT does not take", API_KEY],
    ["a file that is broken", "{"],
  ] as const
) {
  Deno.test(`codex with an empty pool sends a user to cdx2 auth login when Codex has ${name}`, async () => {
    const { code, err } = await onTerminal(aWorld(login), "y").run("codex exec hi");
    assert.equal(code, 1);
    assert.match(err, /no keys yet\nhint: log in with "cdx2 auth login"; "cdx2 auth list" says why/);
  });
}

Deno.test("codex with an empty pool offers an API key to a pool that takes it", async () => {
  const world = onTerminal(aWorld(API_KEY), "y");
  const { code, err } = await world.run("codex --upstream https://api.openai.com/v1 exec hi");
  assert.equal(code, 0);
  assert.match(err, /Add the login that Codex has \(without an e-mail\)/);
});

/** The only key is in the keyring, which is locked; the proxy has `accounts`. */
async function withLockedKeyring(accounts: readonly Record<string, string>[]): Promise<CliWorld> {
  const world = aWorld();
  world.machine.files.put(KEY_FILE, loginFile());
  const moved = await world.run("auth migrate --to keyring");
  assert.equal(moved.code, 0, moved.err);
  world.keyring.problem = "the keyring is locked";
  world.answers.set("GET /health", { ok: true, accounts });
  return world;
}

Deno.test("codex runs while the keyring is locked, when the proxy has the tokens", async () => {
  const world = await withLockedKeyring([{ file: "ann@example.com.json", status: "OK" }]);
  const { code, err } = await world.run("codex exec hi");
  assert.deepEqual([code, world.children.length], [0, 1], err);
});

Deno.test("codex says that the keyring is locked, when nobody has the tokens", async () => {
  const world = await withLockedKeyring([]);
  const { code, err } = await world.run("codex exec hi");
  assert.deepEqual([code, world.children.length], [1, 0]);
  assert.equal(
    err,
    "Cannot run Codex: the tokens of the keys are in the keyring: the keyring is locked\n",
  );
});
