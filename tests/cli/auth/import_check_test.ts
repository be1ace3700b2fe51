import assert from "node:assert/strict";
import { type Checked, checkKey } from "../../../src/cli/auth/import_check.ts";
import { Secret } from "../../../src/values/secret.ts";
import { aRecord } from "../../support/builders.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../../support/fake_send.ts";

const SETTINGS = { upstream: "https://chatgpt.com/backend-api", usageBaseUrl: undefined };
const API = "https://api.openai.com/v1";
const LOGIN = aRecord("ann", { token: new Secret("eyJ.login"), expiresAtMs: undefined });
const API_KEY = aRecord("lab", { token: new Secret("sk-lab"), accountId: undefined, expiresAtMs: undefined });

interface Case {
  readonly reply?: Reply;
  readonly record?: typeof LOGIN;
  readonly upstream?: string;
  readonly mayAsk?: boolean;
}

async function check({ reply = "hang", record = LOGIN, upstream, mayAsk = true }: Case) {
  const [send, clock] = [new FakeSend(reply), new FakeClock()];
  const options = { settings: SETTINGS, mayAsk, send: send.send };
  const checking = checkKey({ clock }, { ...record, upstream }, options);
  await clock.advance(10_000);
  return { checked: await checking, urls: send.requests.map(({ url }) => url) };
}

function says(checked: Checked): string {
  return checked.kind === "rejected" ? `rejected: ${checked.reason}` : checked.note ?? "works";
}

const EXPIRED = aRecord("old", { expiresAtMs: new FakeClock().nowMs() - 3_600_000 });
const usage = { rate_limit: { allowed: true, primary_window: null } };

for (
  const [name, given, expected] of [
    ["a key that works", { reply: answer(200, usage) }, /^works$/],
    ["a key that has used up its limit", { reply: answer(429) }, /^works$|could not be checked/],
    [
      "a token that is refused",
      { reply: answer(401, { error: { code: "token_invalidated" } }) },
      /^rejected: https:\/\/chatgpt\.com rejects its token \(status 401, token_invalidated\)$/,
    ],
    ["a token that is refused without a code", { reply: answer(401) }, /^rejected: .*status 401/],
    [
      "a page of the CDN",
      { reply: answer(403, "<html>") },
      /could not be checked: .* answers with status 403/,
    ],
    ["an upstream that fails", { reply: answer(500) }, /could not be checked: .* status 500/],
    ["no network", { reply: "not_sent" }, /could not be checked: .* not reachable: connection refused/],
    ["silence", { reply: "hang" }, /could not be checked: no answer within 10s/],
    ["a check that is not wanted", { mayAsk: false }, /^it was not checked$/],
    ["a token that has expired", { record: EXPIRED }, /^its token expired 1h ago$/],
    [
      "an API key of a pool of ChatGPT",
      { record: API_KEY },
      /takes no API keys.*--upstream https:\/\/api\.openai/,
    ],
    ["an API key with its own upstream", { record: API_KEY, upstream: API, reply: answer(200) }, /^works$/],
    [
      "an API key that is refused",
      { record: API_KEY, upstream: API, reply: answer(401, { error: { code: "invalid_api_key" } }) },
      /^rejected: https:\/\/api\.openai\.com rejects/,
    ],
  ] satisfies [string, Case, RegExp][]
) {
  Deno.test(`checkKey() says ${expected} of ${name}`, async () => {
    assert.match(says((await check(given)).checked), expected);
  });
}

Deno.test("checkKey() asks what costs nothing, where the key belongs", async () => {
  const ask = async (given: Case) => (await check({ reply: answer(200, usage), ...given })).urls;
  assert.deepEqual(await ask({}), ["https://chatgpt.com/backend-api/wham/usage"]);
  assert.deepEqual(await ask({ record: API_KEY, upstream: API }), ["https://api.openai.com/v1/models"]);
  for (const given of [{ mayAsk: false }, { record: EXPIRED }, { record: API_KEY }]) {
    assert.deepEqual(await ask(given), []);
  }
});
