import assert from "node:assert/strict";
import fc from "fast-check";
import { parseAuthFile } from "../../src/auth/record.ts";
import { findLogins, type FoundLogin } from "../../src/credentials/found_logins.ts";
import { TOOL_FILES } from "../support/tool_files.ts";

function recordIn(login: FoundLogin) {
  assert.ok(login.kind === "usable");
  const parsed = parseAuthFile("a.json", login.text.reveal());
  assert.ok(parsed.kind === "key");
  return parsed.record;
}

function whyNot(login: FoundLogin): string {
  return login.kind === "skipped"
    ? login.reason
    : login.kind === "refresh_only"
    ? "only a refresh token"
    : "";
}

for (const { name, text, accounts, refused, skipped } of TOOL_FILES) {
  Deno.test(`findLogins() finds ${accounts.join(", ") || "no key"} in ${name}`, () => {
    const { logins } = findLogins(text);
    const usable = logins.filter(({ kind }) => kind === "usable");
    const others = logins.filter(({ kind }) => kind !== "usable");
    assert.deepEqual(usable.map((login) => recordIn(login).accountId ?? "-"), accounts);
    for (const other of others) assert.match(whyNot(other), refused ?? skipped ?? /never/);
    if (refused ?? skipped) assert.ok(others.length > 0);
  });
}

const NAMES = [
  ...["accounts", "profiles", "providers", "credentials", "auths", "logins", "credential_pool", "tokens"],
  ...["openai", "openai-codex", "codexAuthJson", "credential", "account", "user", "type"],
  ...["access_token", "accessToken", "refresh_token", "access", "id_token", "api_key"],
];

Deno.test("findLogins() tells nobody who imports a file to import it", () => {
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>("", "rt_x", "a b", "{}", 7, null),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...NAMES), tie("json"), { maxKeys: 4 }),
    ),
  }));
  const text = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    fc.array(json.map((value) => JSON.stringify(value))).map((lines) => lines.join("\n")),
  );
  fc.assert(fc.property(text, (text) => {
    for (const login of findLogins(text).logins) assert.doesNotMatch(whyNot(login), /import/);
  }));
});

Deno.test("findLogins() keeps a file that is one key byte for byte", () => {
  const text = '{\r\n\t"access_token":"sk-1" , "mine": [1,2]}\n';
  const [login] = findLogins(text).logins;
  assert.ok(login?.kind === "usable");
  assert.equal(login.text.reveal(), text);
});

Deno.test("findLogins() keeps what a tool says of a login: its e-mail, and that it is off", () => {
  const text = TOOL_FILES.find(({ name }) => name === "codex-multi-auth")!.text.replace("true", "false");
  const [login] = findLogins(text).logins;
  const { email, isDisabled } = recordIn(login!);
  assert.deepEqual([email, isDisabled], ["a1@example.com", true]);
});

Deno.test("findLogins() names the tool that goes on using the file", () => {
  const toolOf = (name: string) => {
    const { tool, isLive } = findLogins(TOOL_FILES.find((file) => file.name === name)!.text);
    return [tool, isLive];
  };
  assert.deepEqual(toolOf("opencode"), ["opencode or pi", true]);
  assert.deepEqual(toolOf("CLIProxyAPI"), ["CLIProxyAPI", true]);
  assert.deepEqual(toolOf("Sub2API"), ["Sub2API", false]);
  assert.deepEqual(toolOf("Codex"), [undefined, false]);
});

Deno.test("findLogins() gives a key of a relay the address of the relay", () => {
  const credentials = { api_key: "sk-relay", base_url: "https://relay.example/v1" };
  const account = { name: "r", platform: "openai", type: "apikey", credentials };
  const [login] = findLogins(JSON.stringify({ accounts: [account] })).logins;
  assert.ok(login?.kind === "usable");
  assert.equal(JSON.parse(login.text.reveal()).upstream, "https://relay.example/v1");
});

Deno.test("findLogins() never makes a key of another provider's login, however it is wrapped", () => {
  const foreign = fc.constantFrom<object>(
    { type: "claude", access_token: "sk-ant-oat-test" },
    { type: "gemini", access_token: "ya29.test", accessToken: "ya29.test" },
    { provider: "anthropic", accessToken: "sk-ant-oat-test" },
    { claudeAiOauth: { accessToken: "sk-ant-oat-test" } },
    { anthropic: { type: "oauth", access: "sk-ant-oat-test", refresh: "x" } },
  );
  const wrapped = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      foreign,
      fc.array(tie("value"), { minLength: 1, maxLength: 2 }),
      fc.record({ accounts: fc.array(tie("value"), { minLength: 1, maxLength: 2 }) }),
      fc.record({ profiles: fc.record({ "claude:default": tie("value") }) }),
      fc.record({ tokens: tie("value") }),
    ),
  })).value;
  fc.assert(fc.property(wrapped, (value) => {
    const usable = findLogins(JSON.stringify(value)).logins.filter(({ kind }) => kind === "usable");
    assert.deepEqual(usable, []);
  }));
});

Deno.test("findLogins() says something of every text, and repeats none of it", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.array(fc.string()).map((lines) => lines.join("\n")),
      ),
      (text) => {
        const { logins } = findLogins(text);
        assert.ok(logins.length > 0);
        assert.doesNotMatch(JSON.stringify(logins), /eyJ/);
      },
    ),
  );
});

for (
  const text of ["some-token-of-forty-characters-or-even-more-of-them", "a list;\nof words", "", "<html>"]
) {
  Deno.test(`findLogins() does not send the user of an import to an import: ${JSON.stringify(text)}`, () => {
    const reasons = findLogins(text).logins.map(whyNot);
    assert.ok(reasons.length > 0 && reasons.every((reason) => reason !== ""));
    for (const reason of reasons) assert.doesNotMatch(reason, /import it|import them/);
  });
}
