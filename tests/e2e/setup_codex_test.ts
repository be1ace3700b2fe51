// `cdx2 setup codex` with the real Codex: plain `codex exec` goes through the proxy, and after `--undo` its own way again.
// Codex's own way is a second upstream that the user's settings name; it shows whose token came along.

import assert from "node:assert/strict";
import { happyEvents, json, sse } from "../support/answers.ts";
import { codexEnv, QUIET, testWithCodex } from "../support/codex.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { Home, RunningProgram } from "../support/program.ts";

const OWN_TOKEN = "sk-client-own";

testWithCodex("plain codex goes through the proxy after setup, and directly after --undo", async () => {
  await using pool = await startFakeUpstream();
  await using direct = await startFakeUpstream();
  pool.forToken("token-good", sse(happyEvents("through the proxy")));
  direct.forToken(OWN_TOKEN, sse(happyEvents("directly")));
  // Codex then asks over HTTP at once.
  direct.reply({ method: "GET" }, json(426, {}));
  await using home = await Home.make({ CLIPROXY_UPSTREAM: pool.url, CLIPROXY_WEBSOCKET: "off" });
  await home.addKey("good.json", "token-good");
  const env = await codexEnv(home, { auth_mode: "apikey", OPENAI_API_KEY: OWN_TOKEN });
  const file = `${env["CODEX_HOME"]}/config.toml`;
  const own = `# mine\nopenai_base_url = "${direct.url}"\n\n[projects."/nowhere"]\ntrust_level = "trusted"`;
  await Deno.writeTextFile(file, own, { mode: 0o644 });

  const setup = async (...args: readonly string[]) => await home.run(["setup", "codex", ...args], { env });
  const codex = async (...args: readonly string[]) => {
    const line = ["exec", "--skip-git-repo-check", ...QUIET, ...args];
    const { stdout, stderr } = await new RunningProgram(env["CDX2_CODEX_BIN"]!, line, {
      env: { ...home.env, ...env, NO_PROXY: "127.0.0.1,localhost" },
    }).finished;
    return stdout + stderr;
  };

  assert.match(await codex("say hi"), /directly/);
  assert.equal((await setup()).code, 1, "the base URL of the user is not replaced without being told to");
  assert.equal(await Deno.readTextFile(file), own);

  const done = await setup("--replace");
  assert.equal(done.code, 0, done.stderr);
  assert.match((await home.run(["doctor"], { env })).stdout, /routes Codex to this proxy/);
  // The history is the same one: a chat that began directly goes on through the proxy.
  assert.match(await codex("resume", "--last", "go on"), /through the proxy/);
  assert.equal(pool.requests.filter(({ token }) => token === OWN_TOKEN).length, 0);

  await home.run(["stop"]);
  assert.match((await home.run(["doctor"], { env })).stdout, /where nothing listens/);

  const undone = await setup("--undo");
  assert.equal(undone.code, 0, undone.stderr);
  assert.equal(await Deno.readTextFile(file), own);
  assert.equal((await Deno.stat(file)).mode! & 0o777, 0o644);
  assert.match(await codex("resume", "--last", "go on"), /directly/);
});
