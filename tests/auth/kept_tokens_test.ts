import assert from "node:assert/strict";
import fc from "fast-check";
import {
  holdsTokens,
  joined,
  keptEntry,
  separated,
  tokensForServing,
  unsealed,
  withEntry,
  withoutEntry,
} from "../../src/auth/kept_tokens.ts";
import { parseAuthFile } from "../../src/auth/record.ts";
import { jwt } from "../support/jwt.ts";
import { loginFile } from "../support/logins.ts";
import { TOOL_FILES } from "../support/tool_files.ts";

const ENTRY = "Entry0001";
const LOGIN = loginFile({ more: { alias: "at-home-in-the-office", priority: 3 } });

function apart(text: string) {
  const parts = separated(withEntry(text, ENTRY));
  assert.ok(parts);
  return parts;
}

Deno.test("separated() leaves no token in the file, and all the rest", () => {
  const { fileText } = apart(LOGIN);
  assert.equal(holdsTokens(fileText), false);
  assert.doesNotMatch(fileText, /eyJ|rt_1/);
  const { tokens, alias, priority, auth_mode } = JSON.parse(fileText);
  assert.deepEqual([tokens.account_id, alias, priority, auth_mode], [
    "acct-1",
    "at-home-in-the-office",
    3,
    "chatgpt",
  ]);
});

Deno.test("joined() gives back every byte", () => {
  const { fileText, tokens } = apart(LOGIN);
  assert.equal(withoutEntry(joined(fileText, tokens)!), LOGIN);
});

for (const { name, text } of TOOL_FILES) {
  Deno.test(`a file of another tool is the same after its tokens were away: ${name}`, () => {
    const parts = separated(withEntry(text, ENTRY));
    if (!parts) return;
    assert.equal(holdsTokens(parts.fileText), false);
    assert.deepEqual(JSON.parse(withoutEntry(joined(parts.fileText, parts.tokens)!)), JSON.parse(text));
  });
}

/** `[what holds a secret, the file, the secret]` */
const SECRETS: [string, object, string][] = [
  ["an API key", { OPENAI_API_KEY: "sk-1234567890" }, "sk-1234567890"],
  ["a personal access token", { personal_access_token: "at-1234567890" }, "at-1234567890"],
  ["a field that is only called a token", { token: "opaque" }, "opaque"],
  ["another tool's spelling", { tokens: { accessToken: "opaque-1" } }, "opaque-1"],
  ["a list", { token: "a-b-c", old: ["rt_1234567890"] }, "rt_1234567890"],
  ["an unknown field with a JWT", { token: "a-b-c", extra: { deep: jwt({ a: 1 }) } }, jwt({ a: 1 })],
];

for (const [what, file, secret] of SECRETS) {
  Deno.test(`separated() takes out ${what}`, () => {
    const { fileText, tokens } = apart(JSON.stringify(file));
    assert.ok(!fileText.includes(secret));
    assert.ok(tokens.reveal().includes(secret));
  });
}

Deno.test("separated() leaves none of two fields with one name", () => {
  const { fileText, tokens } = apart('{"token":"first-secret","token":"second-secret"}');
  assert.doesNotMatch(fileText, /secret/);
  assert.equal(JSON.parse(joined(fileText, tokens)!).token, "second-secret");
});

Deno.test("separated() gives any file back", () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.constant("sk-0123456789"),
    fc.array(fc.string()),
  );
  const names = fc.constantFrom("token", "access_token", "email", "x", "__proto__", "tokens", "a b", "");
  const file = fc.dictionary(names, fc.oneof(value, fc.dictionary(names, value)));
  fc.assert(fc.property(file, fc.constantFrom(undefined, 2, "\t"), (json, indent) => {
    const text = JSON.stringify(json, null, indent);
    const parts = separated(withEntry(text, ENTRY));
    if (!parts) return;
    const back = withoutEntry(joined(parts.fileText, parts.tokens)!);
    assert.deepEqual(JSON.parse(back), JSON.parse(text));
    assert.equal(holdsTokens(parts.fileText), false);
  }));
});

Deno.test("the seal tells states of an entry apart, and unsealed() takes it away", () => {
  const [one, other] = [apart(LOGIN), apart(loginFile({ refreshToken: "rt_2" }))];
  const seals = [one, other].map(({ fileText }) => keptEntry(fileText)?.seal);
  assert.notEqual(seals[0], seals[1]);
  assert.deepEqual(keptEntry(unsealed(one.fileText)), { entry: ENTRY, seal: undefined });
});

Deno.test("withEntry() keeps the entry that a file names", () => {
  assert.equal(keptEntry(withEntry(withEntry(LOGIN, ENTRY), "Another001"))?.entry, ENTRY);
});

for (
  const named of ["null", '{"entry":7}', '{"entry":"../x"}', '{"entry":"a b; rm"}', '{"entry":""}', "[]"]
) {
  Deno.test(`keptEntry() names no entry for ${named}`, () => {
    assert.equal(keptEntry(`{"cdx2_keyring":${named}}`), undefined);
  });
}

Deno.test("tokensForServing() gives the worker what requests carry, and no refresh token", () => {
  const { fileText, tokens } = apart(loginFile({ more: { other_secret: "not for the worker" } }));
  const served = tokensForServing(tokens)!;
  assert.doesNotMatch(served.reveal(), /rt_1|not for the worker/);
  const parsed = parseAuthFile("work.json", joined(fileText, served)!);
  assert.ok(parsed.kind === "key");
  const whole = parseAuthFile("work.json", loginFile());
  assert.ok(whole.kind === "key");
  assert.deepEqual({ ...parsed.record, isInKeyring: false }, whole.record);
  assert.ok(parsed.record.token.equals(whole.record.token));
});
