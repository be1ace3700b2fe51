// What must never be seen: a token, an id token, a refresh token or the management key, in anything that the program
// prints, answers or writes. Contract, section 6.

import assert from "node:assert/strict";
import { happyEvents, json, sse } from "../support/answers.ts";
import { accessTokenIn, codexLogin } from "../support/login.ts";
import { type RunningProxy, startProxy } from "../support/running_proxy.ts";
import { MANAGEMENT_KEY } from "../support/service.ts";

const GOOD = codexLogin({ refreshToken: "rt_good-0123456789" });
const DEAD = codexLogin({
  email: "bob@example.com",
  accountId: "acct-bob",
  refreshToken: "rt_dead-0123456789",
});
const API_KEY = "sk-proj-0123456789abcdef";

const SECRETS = [
  ...[GOOD, DEAD].flatMap((login) => {
    const { id_token, access_token, refresh_token } = JSON.parse(login).tokens;
    return [id_token, access_token, refresh_token];
  }),
  API_KEY,
  MANAGEMENT_KEY,
];

/** A proxy that has had good requests and bad ones, some with answers that repeat the token that was sent. */
async function busyProxy(): Promise<RunningProxy> {
  const files = { "good.json": GOOD, "dead.json": DEAD, "lab.json": JSON.stringify({ token: API_KEY }) };
  const proxy = await startProxy(files, (upstream) => {
    upstream.forToken(accessTokenIn(GOOD), sse(happyEvents("hello")));
    upstream.forToken(
      accessTokenIn(DEAD),
      ({ token }) => json(401, { error: { message: `bad token ${token}` } }),
    );
    upstream.forToken(
      API_KEY,
      ({ token }) => json(429, { error: { message: `slow down, ${token}` } }),
    );
  });
  for (let count = 0; count < 4; count++) {
    await fetch(`${proxy.service.baseUrl}/v1/responses?key=${API_KEY}`, {
      method: "POST",
      body: "{}",
      headers: { authorization: `Bearer ${accessTokenIn(DEAD)}` },
    }).then((response) => response.text());
  }
  return proxy;
}

/** Fails with the place, and not with the secret itself. */
function assertNoSecret(text: string, where: string): void {
  assert.ok(text.length > 0, `${where} is empty`);
  for (const [index, secret] of SECRETS.entries()) {
    assert.ok(!text.includes(secret), `secret ${index} is in ${where}`);
  }
}

const COMMANDS = [
  ["proxy", "--print-env"],
  ["proxy", "--json"],
  ["status"],
  ["status", "--json"],
  ["doctor"],
  ["doctor", "--json"],
  ["all"],
  ["all", "--json"],
  ["trace"],
  ["trace", "--json"],
  ["logs"],
  ["logs", "--events"],
  ["auth", "list"],
  ["auth", "list", "--json"],
  ["auth", "import", "good.json"],
  ["reset", "--json"],
  ["stop", "--json"],
];

Deno.test("no command says a secret", async () => {
  await using proxy = await busyProxy();
  for (const args of COMMANDS) {
    const { stdout, stderr } = await proxy.home.run(args);
    assertNoSecret(stdout + stderr, `cdx2 ${args.join(" ")}`);
  }
});

Deno.test("no endpoint answers with a secret", async () => {
  await using proxy = await busyProxy();
  for (const path of ["/debug", "/trace", "/health?refresh=1", "/auth-files", "/metrics"]) {
    assertNoSecret(await (await proxy.service.manage(path)).text(), path);
  }
});

Deno.test("no file that the proxy writes holds a secret", async () => {
  await using proxy = await busyProxy();
  await proxy.service.stop();
  const users = ["good.json", "dead.json", "lab.json"];
  const written = [...Deno.readDirSync(proxy.home.authDir)].map(({ name }) => name)
    .filter((name) => !users.includes(name));
  for (
    const name of [
      "rr_proxy_v2.log",
      "rr_proxy_v2.events.jsonl",
      "rr_proxy_v2.state.json",
      "rr_proxy_v2.sessions.json",
      ".env",
    ]
  ) {
    assert.ok(written.includes(name), `${name} has been looked at`);
  }
  for (const name of written) {
    const text = await Deno.readTextFile(`${proxy.home.authDir}/${name}`);
    if (text !== "") assertNoSecret(text, name);
  }
});
