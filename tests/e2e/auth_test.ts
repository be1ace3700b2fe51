// Keys that are added and removed while the proxy runs, with the commands that the user has for it.

import assert from "node:assert/strict";
import { happyEvents, sse } from "../support/answers.ts";
import { type FakeUpstream, startFakeUpstream } from "../support/fake_upstream.ts";
import { accessTokenIn, codexLogin } from "../support/login.ts";
import { Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

async function homeWithoutKeys(): Promise<{ home: Home; upstream: FakeUpstream }> {
  const upstream = await startFakeUpstream();
  upstream.reply({}, sse(happyEvents("hello")));
  const home = await Home.make({ CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY, CLIPROXY_UPSTREAM: upstream.url });
  return { home, upstream };
}

/** Logs Codex in, whose folder is inside of the home. */
async function logIn(home: Home, login: string): Promise<void> {
  await Deno.mkdir(`${home.folder}/.codex`, { recursive: true });
  await Deno.writeTextFile(`${home.folder}/.codex/auth.json`, login);
}

/** The tokens of the requests, without those by which an import checks a key. */
function modelTokens({ requests }: FakeUpstream): readonly (string | undefined)[] {
  return requests.filter(({ path }) => !path.endsWith("/usage")).map(({ token }) => token);
}

async function untilHeld(service: Service, files: readonly string[]): Promise<void> {
  const isHeld = async () => (await service.accounts()).map(({ file }) => file).join() === files.join();
  await until(`the proxy holds ${files.join(", ") || "no key"}`, isHeld);
}

Deno.test("a running proxy uses an imported key, and drops a removed one", async () => {
  const { home, upstream } = await homeWithoutKeys();
  await using _home = home;
  await using _upstream = upstream;
  const service = await Service.start(home);
  assert.equal(await service.askForStatus(), 503);

  const login = codexLogin();
  await logIn(home, login);
  assert.equal((await home.run(["auth", "import"])).code, 0);
  await untilHeld(service, ["ann@example.com.json"]);
  assert.equal(await service.askForStatus(), 200);
  assert.deepEqual(modelTokens(upstream), [accessTokenIn(login)]);

  assert.equal((await home.run(["auth", "remove", "ann@example.com", "--yes"])).code, 0);
  await untilHeld(service, []);
  assert.equal(await service.askForStatus(), 503);
  assert.equal(
    await Deno.readTextFile(`${home.folder}/.codex/auth.json`),
    login,
    "the login of Codex is left alone",
  );
});

Deno.test("a key that is replaced keeps its place and is used with its new token", async () => {
  const { home, upstream } = await homeWithoutKeys();
  await using _home = home;
  await using _upstream = upstream;
  await logIn(home, codexLogin());
  await home.run(["auth", "import", "--name", "work"]);
  const service = await Service.start(home);

  const newer = codexLogin({ issue: 2 });
  await logIn(home, newer);
  assert.equal((await home.run(["auth", "import"])).code, 1);
  assert.equal((await home.run(["auth", "import", "--replace"])).code, 0);
  await until("the new token is used", async () => {
    await service.askForStatus();
    return upstream.requestsOf(accessTokenIn(newer)).length > 0;
  });
  assert.deepEqual((await service.accounts()).map(({ file }) => file), ["work.json"]);
});

Deno.test("an API key goes in through standard input, and is nowhere to be seen", async () => {
  const { home, upstream } = await homeWithoutKeys();
  await using _home = home;
  await using _upstream = upstream;
  const imported = await home.run(["auth", "import", "--api-key-stdin", "--json"], {
    input: "sk-lab-0123456789\n",
  });
  assert.equal(imported.code, 0);
  const { file } = JSON.parse(imported.stdout);
  const listed = await home.run(["auth", "list", "--json"]);
  assert.deepEqual(JSON.parse(listed.stdout).files.map(({ file }: { file: string }) => file), [file]);
  for (const { stdout, stderr } of [imported, listed]) assert.doesNotMatch(stdout + stderr, /0123456789/);

  const { mode } = await Deno.stat(`${home.authDir}/${file}`);
  assert.equal(mode! & 0o777, 0o600);
  const service = await Service.start(home);
  assert.equal(await service.askForStatus(), 200);
  assert.deepEqual(modelTokens(upstream), ["sk-lab-0123456789"]);
});
