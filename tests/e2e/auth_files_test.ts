// Auth files that give no key, or a key that takes no turns: logins of other providers, disabled ones and expired ones.

import assert from "node:assert/strict";
import { happyEvents, json, sse } from "../support/answers.ts";
import { codexLogin } from "../support/login.ts";
import { startProxy } from "../support/running_proxy.ts";

const GOOD = sse(happyEvents("hello"));
const TOKEN_EXPIRED = json(401, { error: { code: "token_expired" } });

/** Each of them holds a token that must not leave the machine. */
const FOREIGN: Readonly<Record<string, readonly [json: unknown, reason: string]>> = {
  "claude.json": [{ type: "claude", access_token: "foreign-1" }, "a login of Claude, not of OpenAI"],
  "gemini.json": [{ type: "gemini", access_token: "foreign-2" }, "a login of Gemini, not of OpenAI"],
  "claude-code.json": [
    { claudeAiOauth: { accessToken: "foreign-3" }, access_token: "foreign-4" },
    "a login of Claude, not of OpenAI",
  ],
  "key.json": [{ OPENAI_API_KEY: "sk-ant-foreign-5" }, "a login of Claude, not of OpenAI"],
  "qwen.json": [
    { access_token: "foreign-6", resource_url: "portal.qwen.ai" },
    "a login of Qwen, not of OpenAI",
  ],
  "shouted.JSON": [{ access_token: "foreign-7" }, "its name must end in .json"],
};

function foreignFiles(): Record<string, string> {
  return Object.fromEntries(Object.entries(FOREIGN).map(([name, [json]]) => [name, JSON.stringify(json)]));
}

Deno.test("a login of another provider is refused by name, and its token never leaves the machine", async () => {
  const files = { ...foreignFiles(), "work.json": '{"token":"own-1"}' };
  await using proxy = await startProxy(files, (upstream) => upstream.reply({}, GOOD));
  for (let turn = 0; turn < 3; turn++) assert.equal(await proxy.service.askForStatus(), 200);
  const listed = await proxy.home.run(["auth", "list", "--json"]);
  const doctor = await proxy.home.run(["doctor", "--json"]);
  await proxy.home.run(["all"]);
  assert.deepEqual(
    new Set(proxy.upstream.requests.map(({ token }) => token ?? "none")),
    new Set(["own-1", "none"]),
  );
  const entries = JSON.parse(listed.stdout).files as { file: string; usable: boolean; reason: string }[];
  for (const [name, [, reason]] of Object.entries(FOREIGN)) {
    const entry = entries.find(({ file }) => file === name);
    assert.deepEqual([entry?.usable, entry?.reason], [false, reason], name);
  }
  assert.equal(JSON.parse(doctor.stdout).rejected_files.length, Object.keys(FOREIGN).length);
  assert.doesNotMatch(listed.stdout + doctor.stdout, /foreign-\d/);
});

Deno.test("a folder with logins of other providers alone holds no key", async () => {
  await using proxy = await startProxy(foreignFiles(), (upstream) => upstream.reply({}, GOOD));
  const response = await proxy.service.ask();
  assert.equal(response.status, 503);
  assert.match(await response.text(), /no auth file in .* holds one/);
  assert.deepEqual(proxy.upstream.requests, []);
});

Deno.test("a disabled key is shown as disabled and never asked, until its file says otherwise", async () => {
  const files = { "off.json": '{"token":"off","disabled":true}', "work.json": '{"token":"on"}' };
  await using proxy = await startProxy(files, (upstream) => {
    upstream.forToken("on", TOKEN_EXPIRED);
    upstream.forToken("off", GOOD);
  });
  assert.equal(await proxy.service.askForStatus(), 503);
  assert.deepEqual(proxy.upstream.requestsOf("off"), []);
  const [off] = JSON.parse((await proxy.home.run(["doctor", "--json"])).stdout).accounts;
  assert.deepEqual([off.file, off.status, off.disabled], ["off.json", "OK", true]);
  assert.match((await proxy.home.run(["auth", "list"])).stdout, /^off\.json .* disabled, no end known$/m);
  assert.match((await proxy.home.run(["all", "--plain"])).stdout, /^off\.json: UNKNOWN, disabled$/m);
  assert.deepEqual(proxy.upstream.requestsOf("off"), []);

  await Deno.writeTextFile(`${proxy.home.authDir}/off.json`, '{"token":"off","disabled":false}');
  await (await proxy.service.manage("/health?refresh=1")).body?.cancel();
  assert.equal(await proxy.service.askForStatus(), 200);
});

Deno.test("a pool of disabled keys says so", async () => {
  const files = { "off.json": '{"token":"off","disabled":true}' };
  await using proxy = await startProxy(files, (upstream) => upstream.reply({}, GOOD));
  const response = await proxy.service.ask();
  assert.equal(response.status, 503);
  assert.match(await response.text(), /1 key: 1 disabled\. Type \\"cdx2 auth enable KEY\\"/);
  assert.equal((await proxy.home.run(["doctor"])).code, 1);
});

const EXPIRED = { expiresAtMs: Date.now() - 60_000 };

Deno.test("of forty expired keys two are asked, for all requests together, and the answer says what to type", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`k${at}.json`, codexLogin({ ...EXPIRED, issue: at })]),
  );
  await using proxy = await startProxy(files, (upstream) => upstream.reply({}, TOKEN_EXPIRED));
  for (let turn = 0; turn < 3; turn++) {
    const response = await proxy.service.ask();
    assert.equal(response.status, 503);
    assert.match(
      await response.text(),
      /40 keys: 40 expired\. Log in again with \\"cdx2 auth login --replace KEY\\"/,
    );
  }
  const codex = await proxy.service.ask({ originator: "codex_exec" });
  assert.equal(codex.status, 400);
  await codex.text();
  assert.equal(proxy.upstream.requests.length, 2);
  const doctor = await proxy.home.run(["doctor", "--json"]);
  const { ok, summary } = JSON.parse(doctor.stdout);
  assert.deepEqual([ok, summary.expired, summary.whitelist, doctor.code], [false, 40, 0, 1]);
});

Deno.test("an expired key serves when it is the only one, as clocks differ, and is shown as expired", async () => {
  const files = { "old.json": codexLogin(EXPIRED) };
  await using proxy = await startProxy(files, (upstream) => upstream.reply({}, GOOD));
  assert.equal(await proxy.service.askForStatus(), 200);
  const doctor = await proxy.home.run(["doctor"]);
  assert.equal(doctor.code, 0);
  assert.match(doctor.stdout, /^1 key: 0 ok, .* 1 expired$/m);
  assert.match(
    doctor.stdout,
    /^ {2}warn {5}keys: 0 of 1 key can be used; keys whose token has expired are tried/m,
  );
});

Deno.test("an expired key is passed over while another serves", async () => {
  const files = { "a.json": codexLogin(EXPIRED), "b.json": '{"token":"on"}' };
  await using proxy = await startProxy(files, (upstream) => upstream.reply({}, GOOD));
  for (let turn = 0; turn < 4; turn++) assert.equal(await proxy.service.askForStatus(), 200);
  assert.deepEqual(new Set(proxy.upstream.requests.map(({ token }) => token)), new Set(["on"]));
});
