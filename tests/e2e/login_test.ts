// Logins of real accounts, made by the real program at an issuer of our own.

import assert from "node:assert/strict";
import { IN_EACH_TOKEN, type Issuer, type IssuerSettings, startIssuer } from "../support/issuer.ts";
import { homeAt } from "../support/issuer_home.ts";
import { machineLock } from "../support/machine_lock.ts";
import { Home, type RunningProgram, until } from "../support/program.ts";
import { Service } from "../support/service.ts";

/** The part of what a program says on stderr that fits, once it has said it. */
async function said(program: RunningProgram, what: RegExp): Promise<string> {
  await until(`it says ${what}`, () => what.test(program.stderr));
  return what.exec(program.stderr)![0];
}

/** No other test has the ports of a login in the browser meanwhile, which are always the same. */
const loginPorts = () => machineLock("login-ports");

/** Everybody who is on a machine sees the arguments and, with the right user, the environment of a program. */
function assertNoSecrets({ families, codes }: Issuer, texts: readonly string[]): void {
  assert.ok(families.length > 0);
  for (const text of texts) {
    assert.doesNotMatch(text, IN_EACH_TOKEN);
    for (const code of codes) assert.ok(!text.includes(code));
  }
}

async function filesIn({ authDir }: Home): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(authDir))).map(({ name }) => name)
    .filter((name) => !name.startsWith("rr_proxy_v2.")).sort();
}

Deno.test("a login with a code becomes a key that serves, and says no secret", async () => {
  await using issuer = await startIssuer({ interval: 1 });
  await using home = await homeAt(issuer);
  const login = home.start(["auth", "login", "--json"]);
  const code = await said(login, /\n {4}[\w-]+-[\w-]+\n/);
  issuer.decide(code.trim(), "approve");
  const finished = await login.finished;
  assert.equal(finished.code, 0, finished.stderr);
  const { file } = JSON.parse(finished.stdout);
  assert.equal((await Deno.stat(`${home.authDir}/${file}`)).mode! & 0o777, 0o600);
  assertNoSecrets(issuer, [finished.stdout, finished.stderr]);

  const service = await Service.start(home);
  assert.equal(await service.askForStatus(), 200);
  assert.equal(issuer.requestsOf("/oauth/revoke").length, 0);
});

Deno.test("a login in the browser takes another port when the first is busy, and only a good callback", async () => {
  using _ports = await loginPorts();
  await using issuer = await startIssuer({ device: "off" });
  await using home = await homeAt(issuer);
  const other = Deno.serve(
    { hostname: "127.0.0.1", port: 1455, onListen: () => {} },
    () => new Response("mine"),
  );
  const login = home.start(["auth", "login", "work"]);
  const page = await said(login, /http:\S*\/oauth\/authorize\S*/);
  const callback = new URL(page).searchParams.get("redirect_uri")!;
  const status = async (url: string) => {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(new URL(callback).port, "1457");
  assert.equal(await status("http://127.0.0.1:1457/success"), 404);
  assert.equal(await status(`${callback}?code=ac_forged&state=forged`), 400);
  // Through the page of the issuer, as a browser goes.
  assert.equal(await status(page), 200);
  assert.equal((await login.finished).code, 0);
  assert.deepEqual(await filesIn(home), ["work.json"]);
  assert.equal(await (await fetch("http://127.0.0.1:1455/")).text(), "mine");
  await other.shutdown();
  assertNoSecrets(issuer, [login.stdout, login.stderr]);
});

Deno.test("a login of Codex is borrowed, or taken over: then it is gone there, and no login was ended", async () => {
  await using issuer = await startIssuer();
  await using home = await homeAt(issuer);
  const [family, path] = [issuer.mint(), `${home.folder}/.codex/auth.json`];
  await Deno.mkdir(`${home.folder}/.codex`);
  await Deno.writeTextFile(path, issuer.authFile(family));
  const borrowed = await home.run(["auth", "import"]);
  assert.equal(borrowed.code, 0, borrowed.stderr);
  const [file] = await filesIn(home);
  const text = async () => await Deno.readTextFile(`${home.authDir}/${file}`);
  assert.ok(!(await text()).includes(family.current.refresh_token));
  const moved = await home.run(["auth", "import", "--move"]);
  assert.equal(moved.code, 0, moved.stderr);
  assert.ok((await text()).includes(family.current.refresh_token));
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  assert.equal(issuer.requestsOf("/oauth/token").length + issuer.requestsOf("/oauth/revoke").length, 0);
  assertNoSecrets(issuer, [borrowed, moved].flatMap(({ stdout, stderr }) => [stdout, stderr]));

  const service = await Service.start(home);
  assert.equal(await service.askForStatus(), 200);
});

Deno.test("an import of a dead login is refused, and one of a file with several makes a key of each", async () => {
  await using issuer = await startIssuer();
  await using home = await homeAt(issuer);
  const [dead, ...live] = [issuer.mint(), issuer.mint(), issuer.mint()];
  issuer.expire(dead!);
  await Deno.writeTextFile(`${home.folder}/dead.json`, issuer.authFile(dead!));
  const refused = await home.run(["auth", "import", `${home.folder}/dead.json`]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /rejects its token \(status 401, token_expired\)/);
  const lines = live.map(({ current }) => current.access_token).join("\n");
  const { code, stdout } = await home.run(["auth", "import", "-", "--json"], { input: lines });
  assert.deepEqual([code, JSON.parse(stdout).keys.length], [0, 2]);
  assert.equal((await filesIn(home)).length, 2);
  assert.equal(issuer.requestsOf("/oauth/token").length, 0);
});

const STEPS: readonly (readonly [string, Partial<IssuerSettings>, readonly string[], RegExp])[] = [
  ["the code is typed", {}, ["auth", "login"], /Waiting for at most 15/],
  ["the browser comes back", {}, ["auth", "login", "--browser"], /Waiting for at most 10/],
  [
    "the code is exchanged",
    { device: 0, faults: [{ delayMs: 60_000, path: "/oauth/token" }] },
    ["auth", "login"],
    /Waiting for at most 15/,
  ],
];

for (const [step, settings, args, waitsFor] of STEPS) {
  Deno.test(`Ctrl-C before ${step} leaves the folder as it was`, async () => {
    using _ports = await loginPorts();
    await using issuer = await startIssuer(settings);
    await using home = await homeAt(issuer);
    await home.addKey("old.json", "sk-old-key");
    const login = home.start(args);
    await said(login, waitsFor);
    if (settings.faults) {
      await until("the exchange is under way", () => issuer.requestsOf("/oauth/token").length > 0);
    }
    login.signal("SIGINT");
    assert.equal((await login.finished).code, 130);
    assert.deepEqual(await filesIn(home), ["old.json"]);
  });
}

Deno.test("cdx2 codex with an empty pool fails at once, starts nothing, and says how to get a key", async () => {
  await using home = await Home.make({ CDX2_CODEX_BIN: "true" });
  const { code, stderr } = await home.run(["codex", "exec", "hi"]);
  assert.deepEqual([code, stderr], [
    1,
    'Cannot run Codex: there are no keys yet\nhint: log in with "cdx2 auth login"\n',
  ]);
  assert.deepEqual(await Array.fromAsync(Deno.readDir(home.authDir)), []);
});
