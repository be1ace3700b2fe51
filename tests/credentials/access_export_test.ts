import assert from "node:assert/strict";
import { parseAuthFile } from "../../src/auth/record.ts";
import { accessOnlyFile } from "../../src/credentials/access_export.ts";
import { accessTokenIn, codexLogin } from "../support/login.ts";

const LOGIN = codexLogin({ refreshToken: "rt_test_1" });

/** `[what is exported, its text, its token]` */
const KEYS: [string, string, string][] = [
  ["a login", LOGIN, accessTokenIn(LOGIN)],
  [
    "an API key",
    '{"OPENAI_API_KEY":"sk-test-1","upstream":"https://api.openai.com/v1","models":{"a":"b"}}',
    "sk-test-1",
  ],
  ["a personal access token", '{"personal_access_token":"at-test-1","account_id":"acct-pat"}', "at-test-1"],
  ["a bare token", '{"token":"t-1","alias":"bench","disabled":true}', "t-1"],
];

for (const [what, text, token] of KEYS) {
  Deno.test(`accessOnlyFile() of ${what} is the same key without what renews it`, () => {
    const before = parseAuthFile("work.json", text);
    assert.ok(before.kind === "key");
    const file = JSON.stringify(accessOnlyFile(before.record));
    assert.doesNotMatch(file, /rt_test/);
    const after = parseAuthFile("work.json", file);
    assert.ok(after.kind === "key");
    assert.equal(after.record.token.reveal(), token);
    assert.deepEqual([after.record.hasRefreshToken, after.record.isDisabled], [false, false]);
    const { accountId, upstream, models, expiresAtMs } = before.record;
    const same = after.record;
    assert.deepEqual(
      [same.accountId, same.upstream, same.models, same.expiresAtMs],
      [accountId, upstream, models, expiresAtMs],
    );
  });
}
