// The real Codex CLI and the official SDK, in front of a pool whose first key is dead and whose second is limited:
// one turn, no retry that the client could see, three attempts under one request id. Over HTTP: codex_websocket_test.ts
// does the same over WebSocket.

import assert from "node:assert/strict";
import { happyEvents, json, sse } from "../support/answers.ts";
import { chatGptLogin, codexEnv, QUIET, testWithCodex } from "../support/codex.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { npmPackage } from "../support/npm_package.ts";
import { Home, jsonLines, RunningProgram } from "../support/program.ts";

const OPENAI = await npmPackage("openai@7.57.0");

/** A proxy with a dead, a limited and a good key, and an upstream that knows them. */
async function threeKeys(): Promise<{ home: Home; upstream: FakeUpstream }> {
  const upstream = await startFakeUpstream();
  upstream.forToken("token-dead", json(401, { error: { code: "token_revoked" } }));
  upstream.forToken(
    "token-limited",
    json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 3600 } }),
  );
  upstream.forToken("token-good", sse(happyEvents("hello from upstream")));
  const home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url, CLIPROXY_WEBSOCKET: "off" });
  for (const name of ["dead", "limited", "good"]) {
    await home.addKey(`${"dlg".indexOf(name[0]!)}-${name}.json`, `token-${name}`);
  }
  return { home, upstream };
}

const ATTEMPTS = [
  ["0-dead.json", 401, "auth_rejected"],
  ["1-limited.json", 429, "rate_limited"],
  ["2-good.json", 200, "ok"],
];

/** The one turn found the good key, under one request id; `firstKey` is where the round robin stood. */
async function assertOneTurn(home: Home, firstKey = 0): Promise<void> {
  const { stdout } = await home.run(["trace", "--json"]);
  const rows = jsonLines(stdout).filter(({ route }) => route === "request");
  assert.deepEqual(rows.map((row) => [row.auth_file, row.status, row.outcome]), ATTEMPTS.slice(firstKey));
  assert.deepEqual(rows.map(({ attempt }) => attempt), rows.map((_, index) => index + 1));
  assert.equal(new Set(rows.map(({ request_id }) => request_id)).size, 1);
}

/** `[login, auth.json]` */
const LOGINS: [string, object | undefined][] = [
  ["without a login", undefined],
  ["with an API key", { auth_mode: "apikey", OPENAI_API_KEY: "sk-client-own" }],
  ["with a ChatGPT login", chatGptLogin()],
];

for (const [how, login] of LOGINS) {
  testWithCodex(`cdx2 codex completes a turn ${how}`, async () => {
    const { home, upstream } = await threeKeys();
    await using _home = home;
    await using _upstream = upstream;
    const args = ["codex", "--", "exec", "--skip-git-repo-check", ...QUIET, "say hi"];
    const { code, stdout, stderr } = await home.run(args, {
      env: await codexEnv(home, login),
      deadlineMs: 60_000,
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /hello from upstream/);
    // With a ChatGPT login Codex asks for the models first, and that question already finds out about two keys.
    await assertOneTurn(home, how === "with a ChatGPT login" ? 2 : 0);
    const payers = upstream.requests.filter(({ path }) => path.startsWith("/backend-api/codex/responses"));
    assert.ok(
      payers.every(({ token }) => token?.startsWith("token-")),
      "the client's login paid for nothing",
    );
  });
}

for (const [how, login] of LOGINS) {
  testWithCodex(`cdx2 codex --key keeps to its key ${how}`, async () => {
    const { home, upstream } = await threeKeys();
    await using _home = home;
    await using _upstream = upstream;
    const env = await codexEnv(home, login);
    const run = (key: string) => {
      const args = ["codex", "--key", key, "--", "exec", "--skip-git-repo-check", ...QUIET, "say hi"];
      return home.run(args, { env, deadlineMs: 60_000 });
    };
    const good = await run("2-good");
    assert.match(good.stdout, /hello from upstream/, good.stderr);
    const dead = await run("0-dead");
    assert.match(
      dead.stderr,
      /uses no other key than 0-dead\.json for this request.*1 blacklisted \(token_revoked\)/,
    );
    assert.deepEqual([good.code, dead.code], [0, 1]);
    // With a ChatGPT login Codex asks for the models first, and the dead key is out by then.
    const asked = upstream.requests.filter(({ path }) => path.startsWith("/backend-api/codex/"));
    assert.deepEqual([...new Set(asked.map(({ token }) => token))], ["token-good", "token-dead"]);
  });
}

testWithCodex("cdx2 codex goes on with chats that began without a login, and with one", async () => {
  await using upstream = await startFakeUpstream();
  upstream.forToken("token-good", sse(happyEvents("hello from upstream")));
  await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url, CLIPROXY_WEBSOCKET: "off" });
  await home.addKey("good.json", "token-good");
  const env = await codexEnv(home);
  const auth = `${env["CODEX_HOME"]}/auth.json`;
  const exec = async (...args: readonly string[]) => {
    const line = ["codex", "--", "exec", "--skip-git-repo-check", ...QUIET, ...args];
    const { stdout, stderr } = await home.run(line, { env, deadlineMs: 60_000 });
    assert.match(stdout, /hello from upstream/, stderr);
    const [chat, provider] = ["session id", "provider"].map((name) =>
      new RegExp(`^${name}: (.*)$`, "m").exec(stderr)?.[1]
    );
    return { chat: chat!, provider, stderr };
  };
  const withoutLogin = await exec("say hi");
  await Deno.writeTextFile(auth, JSON.stringify(chatGptLogin()), { mode: 0o600 });
  const withLogin = await exec("say hi");
  assert.deepEqual([withoutLogin.provider, withLogin.provider], ["cdx2", "openai"]);

  const { chat, provider, stderr } = await exec("resume", "--last", "go on");
  assert.deepEqual([chat, provider], [withLogin.chat, "openai"]);
  assert.match(
    stderr,
    new RegExp(`began without a login .*: cdx2 codex exec resume ${withoutLogin.chat} `),
  );
  assert.equal((await exec("resume", withoutLogin.chat, "go on")).provider, "cdx2");
  await Deno.remove(auth);
  assert.equal((await exec("resume", withLogin.chat, "go on")).provider, "openai");
  const asked = upstream.requests.filter(({ path }) => path.startsWith("/backend-api/codex/responses"));
  assert.deepEqual([...new Set(asked.map(({ token }) => token))], ["token-good"]);
});

testWithCodex("Codex completes a turn through a provider of the user's own", async () => {
  const { home, upstream } = await threeKeys();
  await using _home = home;
  await using _upstream = upstream;
  const { CODEX_HOME, CDX2_CODEX_BIN } = await codexEnv(home);
  const { base_url } = JSON.parse((await home.run(["proxy", "--json"])).stdout);
  const provider = { name: "lab", base_url: `${base_url}/backend-api/codex`, wire_api: "responses" };
  const settings = Object.entries(provider).flatMap((
    [key, value],
  ) => ["-c", `model_providers.lab.${key}="${value}"`]);
  const args = [
    "exec",
    "--skip-git-repo-check",
    "-c",
    'model_provider="lab"',
    ...settings,
    ...QUIET,
    "say hi",
  ];
  const { code, stdout, stderr } = await new RunningProgram(CDX2_CODEX_BIN!, args, {
    env: { ...home.env, CODEX_HOME: CODEX_HOME!, NO_PROXY: "127.0.0.1,localhost" },
  }).finished;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /hello from upstream/);
  await assertOneTurn(home);
});

// The SDK takes its address and its key from the environment alone.
const SDK_SCRIPT = `
import OpenAI from "openai";
const stream = await new OpenAI().responses.create({ model: "m", input: "say hi", stream: true });
for await (const event of stream) if (event.type === "response.output_text.delta") process.stdout.write(event.delta);
`;

Deno.test({
  name: `the openai SDK streams through the printed environment${OPENAI ? "" : " (npm cannot be reached)"}`,
  ignore: !OPENAI,
  async fn() {
    const { home, upstream } = await threeKeys();
    await using _home = home;
    await using _upstream = upstream;
    const { stdout: printed } = await home.run(["proxy", "--print-env-only", "--shell", "sh"]);
    await Deno.writeTextFile(`${OPENAI}/stream.mjs`, SDK_SCRIPT);
    const args = ["-c", 'eval "$1"; exec node "$2"', "sh", printed, `${OPENAI}/stream.mjs`];
    const { stdout, stderr } = await new RunningProgram("sh", args, { env: home.env }).finished;
    assert.equal(stdout, "hello from upstream", stderr);
    await assertOneTurn(home);
  },
});
