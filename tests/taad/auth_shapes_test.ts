// What a key may look like: the auth files that Codex and its relatives write, side by side in one folder. Contract,
// section 3.

import assert from "node:assert/strict";
import { happyEvents, sse } from "../support/answers.ts";
import { accessTokenIn, codexLogin } from "../support/login.ts";
import { startProxy } from "../support/running_proxy.ts";

const CODEX_LOGIN = codexLogin({ email: "ann@example.com", accountId: "acct-ann", plan: "plus" });

/** Each shape with the token that requests then carry. */
const SHAPES: Readonly<Record<string, readonly [text: string, token: string]>> = {
  "codex-login.json": [CODEX_LOGIN, accessTokenIn(CODEX_LOGIN)],
  "codex-api-key.json": ['{"auth_mode": "apikey", "OPENAI_API_KEY": "sk-codex"}', "sk-codex"],
  "plain-access-token.json": ['{"access_token": "plain", "email": "bob@example.com"}', "plain"],
  "api-key.json": ['{"api_key": "sk-one"}', "sk-one"],
  "openai-api-key.json": ['{"openai_api_key": "sk-two"}', "sk-two"],
  "token.json": ['{"token": "sk-three"}', "sk-three"],
};

const NO_KEYS: Readonly<Record<string, readonly [text: string, reason: string]>> = {
  "broken.json": ["{", "not valid JSON"],
  "empty.json": ["", "the file is empty"],
  "settings.json": [
    '{"theme": "dark"}',
    "no token in it (looked for tokens.access_token, access_token, OPENAI_API_KEY, api_key, openai_api_key, token)",
  ],
};

function textsOf(entries: Readonly<Record<string, readonly [text: string, string]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(entries).map(([file, [text]]) => [file, text]));
}

Deno.test("every shape of auth file is a key, and its own token goes upstream", async () => {
  await using proxy = await startProxy(
    textsOf(SHAPES),
    (upstream) => upstream.reply({}, sse(happyEvents("hello"))),
  );
  for (const _ of Object.keys(SHAPES)) assert.equal(await proxy.service.askForStatus(), 200);
  const sent = proxy.upstream.requests.map(({ token }) => token);
  assert.deepEqual(new Set(sent), new Set(Object.values(SHAPES).map(([, token]) => token)));
});

Deno.test("a Codex login is known by e-mail and plan, and its account goes with its token", async () => {
  await using proxy = await startProxy(
    { "work.json": CODEX_LOGIN },
    (upstream) => upstream.reply({}, sse(happyEvents("hello"))),
  );
  const { files: [file] } = JSON.parse((await proxy.home.run(["auth", "list", "--json"])).stdout);
  assert.deepEqual([file.email, file.plan, file.account_id], ["ann@example.com", "plus", "acct-ann"]);

  await proxy.service.ask({ "chatgpt-account-id": "acct-of-the-client" }).then((answer) => answer.text());
  assert.equal(proxy.upstream.requests[0]!.headers.get("chatgpt-account-id"), "acct-ann");
});

Deno.test("a file that is not a key is named with the reason, and disturbs nobody", async () => {
  await using proxy = await startProxy(
    { ...textsOf(NO_KEYS), "work.json": CODEX_LOGIN },
    (upstream) => upstream.reply({}, sse(happyEvents("hello"))),
  );
  assert.equal(await proxy.service.askForStatus(), 200);
  const { files } = JSON.parse((await proxy.home.run(["auth", "list", "--json"])).stdout);
  for (const [name, [, reason]] of Object.entries(NO_KEYS)) {
    const entry = files.find(({ file }: { file: string }) => file === name);
    assert.deepEqual([entry.usable, entry.reason], [false, reason], name);
  }
});
