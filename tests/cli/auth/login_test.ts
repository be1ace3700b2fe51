import assert from "node:assert/strict";
import { anExchange } from "../../support/exchange.ts";
import { authLogin } from "../../../src/cli/auth/pages.ts";
import { challengeOf } from "../../../src/credentials/login_request.ts";
import type { Handler } from "../../../src/system/exchange.ts";
import { Secret } from "../../../src/values/secret.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { answer, FakeSend, type Reply } from "../../support/fake_send.ts";
import { codexLogin, type LoginWords } from "../../support/login.ts";
import { assertIs } from "../../support/pages.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

const FILE = `${AUTH_DIR}/ann@example.com.json`;
const CODEX_FILE = "/home/ann/.codex/auth.json";
const BEGUN = answer(200, { device_auth_id: "dev_1", user_code: "ABCD-1234", interval: "5" });
const APPROVED = answer(200, {
  authorization_code: "ac_secret",
  code_verifier: "v",
  code_challenge: challengeOf(new Secret("v")),
});

/** What the issuer exchanges a code for. */
function tokens(words: LoginWords = {}): Reply {
  return answer(200, JSON.parse(codexLogin({ refreshToken: "rt_secret", issue: 9, ...words })).tokens);
}

function aWorld(...replies: Reply[]): CliWorld {
  const world = new CliWorld();
  world.upstream = new FakeSend(...replies);
  return world;
}

async function names(world: CliWorld): Promise<readonly string[]> {
  return (await world.machine.files.list(AUTH_DIR)).filter((name) =>
    name.endsWith(".json") && name !== "work.json"
  );
}

Deno.test("auth login tells the page and the code, and saves the login under its e-mail", async () => {
  const world = aWorld(BEGUN, APPROVED, tokens());
  const { code, out, err } = await world.run("auth login");
  assert.deepEqual([code, out], [0, ""]);
  assert.match(err, /https:\/\/auth\.openai\.com\/codex\/device\n[^]*\n {4}ABCD-1234\n/);
  assert.match(err, /\nlogged in as ann@example\.com, saved as ann@example\.com\.json; .* within 2s\n$/);
  assert.doesNotMatch(err, /ac_secret|rt_secret|eyJ/);
  assert.equal(JSON.parse(world.machine.files.text(FILE)!).tokens.refresh_token, "rt_secret");
});

Deno.test("auth login asks the issuer of the settings as the client of the settings", async () => {
  const world = aWorld(BEGUN, APPROVED, tokens());
  world.env = { ...world.env, CLIPROXY_ISSUER: "https://issuer.example/", CLIPROXY_CLIENT_ID: "app_own" };
  assert.match((await world.run("auth login")).err, /https:\/\/issuer\.example\/codex\/device/);
  for (const { url, body } of world.upstream.requests) {
    assert.match(url, /^https:\/\/issuer\.example\//);
    if (!url.endsWith("/deviceauth/token")) assert.match(new TextDecoder().decode(body), /app_own/);
  }
  const { oauth_provenance } = JSON.parse(world.machine.files.text(FILE)!).tokens;
  assert.deepEqual(oauth_provenance, { issuer: "https://issuer.example", client_id: "app_own" });
});

Deno.test("auth login leaves the login of Codex and every key alone, and ends no login", async () => {
  const world = aWorld(BEGUN, APPROVED, tokens());
  const [codex, key] = [
    codexLogin({ refreshToken: "rt_codex" }),
    codexLogin({ accountId: "acct-b", email: "b@x" }),
  ];
  world.machine.files.put(CODEX_FILE, codex);
  world.machine.files.put(`${AUTH_DIR}/b.json`, key);
  await world.run("auth login");
  assert.equal(world.machine.files.text(CODEX_FILE), codex);
  assert.equal(world.machine.files.text(`${AUTH_DIR}/b.json`), key);
  assert.ok(world.upstream.requests.every(({ url }) => !url.includes("revoke")));
});

Deno.test("auth login --json prints the new key without a token, and the code also with --quiet", async () => {
  const world = aWorld(BEGUN, APPROVED, tokens());
  const { out, err } = await world.run("auth login --json --quiet team");
  assertIs(authLogin, JSON.parse(out));
  const { how, flow, file, auth_dir } = JSON.parse(out);
  assert.deepEqual([how, flow, file, auth_dir], ["added", "device", "team.json", AUTH_DIR]);
  assert.match(err, /ABCD-1234/);
  assert.doesNotMatch(out + err, /ac_secret|rt_secret|eyJ/);
});

Deno.test("auth login makes the auth dir once the login is made, and not before", async () => {
  const failing = aWorld(BEGUN, answer(400, { error: { code: "deviceauth_denied" } }));
  const failed = await failing.run("auth login --auth-dir /new/keys");
  assert.deepEqual([failed.code, await failing.machine.files.info("/new")], [1, undefined]);
  assert.match(failed.err, /Cannot log in: it was denied on the issuer's page\n$/);
  const world = aWorld(BEGUN, APPROVED, tokens());
  await world.run("auth login --auth-dir /new/keys");
  assert.ok(world.machine.files.text("/new/keys/ann@example.com.json"));
});

Deno.test("auth login refuses a name that is taken before anybody logs in", async () => {
  const world = aWorld();
  world.machine.files.put(`${AUTH_DIR}/team.json`, codexLogin());
  const { code, err } = await world.run("auth login team");
  assert.equal(code, 1);
  assert.match(err, /^Cannot log in: team\.json is there already\nhint: .* --replace team\.json\n$/);
  assert.equal(world.upstream.requests.length, 0);
});

Deno.test("auth login --replace puts the login of the same account in the place of the old one", async () => {
  const world = aWorld(BEGUN, APPROVED, tokens());
  world.machine.files.put(`${AUTH_DIR}/team.json`, codexLogin());
  const { err, out } = await world.run("auth login --replace ann@example.com --json");
  assert.match(err, /saved in the place of team\.json/);
  assert.equal(JSON.parse(out).how, "replaced");
  assert.deepEqual(await names(world), ["team.json"]);
});

Deno.test("auth login --replace refuses the login of another account, and changes nothing", async () => {
  const world = aWorld(BEGUN, APPROVED, tokens({ email: "eve@example.com", accountId: "acct-eve" }));
  world.machine.files.put(`${AUTH_DIR}/team.json`, codexLogin());
  const { code, err } = await world.run("auth login --replace team");
  assert.equal(code, 1);
  assert.match(
    err,
    /you logged in as eve@example\.com, and team\.json holds ann@example\.com\nhint: nothing was/,
  );
  assert.equal(world.machine.files.text(`${AUTH_DIR}/team.json`), codexLogin());
  assert.deepEqual(await names(world), ["team.json"]);
});

Deno.test("auth login never loses a login of a known account: without a terminal it stands beside, with a note", async () => {
  const world = aWorld(BEGUN, APPROVED, tokens());
  world.machine.files.put(`${AUTH_DIR}/team.json`, codexLogin());
  const { err } = await world.run("auth login");
  assert.match(err, /\nnote: team\.json holds the same account: remove/);
  assert.deepEqual(await names(world), ["ann@example.com.json", "team.json"]);
});

for (const [typed, files] of [["", ["team.json"]], ["n", ["ann@example.com.json", "team.json"]]] as const) {
  Deno.test(`auth login asks on a terminal whether to replace; ${JSON.stringify(typed)} is answered`, async () => {
    const world = aWorld(BEGUN, APPROVED, tokens());
    world.machine.files.put(`${AUTH_DIR}/team.json`, codexLogin());
    Object.assign(world.terminal, { inIsTerminal: true, inText: `${typed}\n` });
    assert.match((await world.run("auth login")).err, /team\.json holds this account already\. .* \[Y\/n\] /);
    assert.deepEqual(await names(world), files);
  });
}

/** Listens in the world, and visits the callback as soon as the page was told. */
function withBrowser(world: CliWorld): void {
  let handler: Handler | undefined;
  world.listen = ({ port }, handle) => {
    handler = handle;
    return { port, open: 0, shutdown: () => Promise.resolve() };
  };
  const err = world.terminal.err.bind(world.terminal);
  world.terminal.err = (text) => {
    err(text);
    const url = /https:\S*authorize\S*/.exec(text)?.[0];
    if (url === undefined || !handler) return;
    const query = new URL(url).searchParams;
    const callback = `${query.get("redirect_uri")}?code=ac_secret&state=${query.get("state")}`;
    handler(new Request(callback), anExchange());
  };
}

Deno.test("auth login goes to the browser where the issuer has no login with a code", async () => {
  const world = aWorld(answer(404), tokens());
  withBrowser(world);
  const { code, err, out } = await world.run("auth login --json");
  assert.deepEqual([code, JSON.parse(out).flow], [0, "browser"]);
  assert.match(err, /no login with a code, so a browser is needed/);
});

Deno.test("auth login --device does not go to the browser, and --browser asks for no code", async () => {
  const device = aWorld(answer(404));
  assert.match((await device.run("auth login --device")).err, /no login with a code\nhint: .*--browser/);
  const browser = aWorld(tokens());
  withBrowser(browser);
  assert.equal((await browser.run("auth login --browser")).code, 0);
  assert.deepEqual(browser.upstream.requests.map(({ url }) => new URL(url).pathname), ["/oauth/token"]);
});

Deno.test("auth login --manual asks for the address, and does not show it", async () => {
  const world = aWorld(tokens());
  world.terminal.inIsTerminal = true;
  const err = world.terminal.err.bind(world.terminal);
  world.terminal.err = (text) => {
    const state = /[?&]state=([\w-]+)/.exec(text)?.[1];
    if (state) world.terminal.inText = `http://127.0.0.1:1455/auth/callback?code=ac_secret&state=${state}\n`;
    err(text);
  };
  const { code, err: said } = await world.run("auth login --manual");
  assert.equal(code, 0);
  assert.match(said, /Address \(not shown\): /);
  assert.doesNotMatch(said, /ac_secret/);
});

for (
  const [line, says] of [
    ["auth login --device --browser", /in several ways at once/],
    ["auth login team --replace team", /and replace a key at once/],
    ["auth login ../x", /Allowed are/],
  ] as const
) {
  Deno.test(`${line} is refused`, async () => {
    const { code, err } = await aWorld().run(line);
    assert.equal(code, 2);
    assert.match(err, says);
  });
}
