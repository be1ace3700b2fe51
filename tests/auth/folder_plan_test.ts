import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AuthFolder,
  closestAllowedName,
  type ImportOptions,
  keyFileName,
  type Login,
  loginFrom,
  loginFromApiKey,
  planImport,
} from "../../src/auth/folder_plan.ts";
import { type AuthRecord, isAuthFileName } from "../../src/auth/record.ts";
import { Secret } from "../../src/values/secret.ts";
import { aRecord } from "../support/builders.ts";
import { codexLogin } from "../support/login.ts";

const NAMES: [name: string, file: string | undefined][] = [
  ["work", "work.json"],
  ["work.json", "work.json"],
  ["Ann.Lee+codex@example.com", "Ann.Lee+codex@example.com.json"],
  ["büro-2", "büro-2.json"],
  ["工作", "工作.json"],
  ["a".repeat(60), `${"a".repeat(60)}.json`],
  ["a".repeat(61), undefined],
  ["", undefined],
  [".json", undefined],
  [".env", undefined],
  ["-rf", undefined],
  ["../x", undefined],
  ["a/b", undefined],
  ["a\\b", undefined],
  ["a b", undefined],
  ["a\n", undefined],
  ["rr_proxy_v2.state.json", undefined],
];

for (const [name, file] of NAMES) {
  Deno.test(`keyFileName() makes ${file ?? "nothing"} of ${JSON.stringify(name)}`, () => {
    assert.equal(keyFileName(name), file);
  });
}

const NEAR: [text: string, name: string][] = [
  ["ann@example.com", "ann@example.com"],
  ["Ann Lee <ann@example.com>", "Ann-Lee-ann@example.com"],
  ["../../etc/passwd", "etc-passwd"],
  [".hidden@example.com", "hidden@example.com"],
  ["rr_proxy_v2.state@example.com", "key"],
  ["…", "key"],
  ["", "key"],
];

for (const [text, name] of NEAR) {
  Deno.test(`closestAllowedName() makes "${name}" of ${JSON.stringify(text)}`, () => {
    assert.equal(closestAllowedName(text), name);
  });
}

Deno.test("closestAllowedName() makes every text a file name that stays in the folder and is found there", () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: "binary", maxLength: 300 })), (text) => {
      const name = closestAllowedName(text);
      const file = keyFileName(name);
      assert.equal(file, `${name}.json`);
      assert.ok(isAuthFileName(file));
      assert.doesNotMatch(file, /[/\\\p{C}\s]/u);
      assert.ok(new TextEncoder().encode(file).length <= 255 - "-999".length);
    }),
  );
});

Deno.test("closestAllowedName() does not change an allowed name", () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9@._+-]{0,50}[a-z0-9]$/), (text) => {
    fc.pre(keyFileName(text) === `${text}.json`);
    assert.equal(closestAllowedName(text), text);
  }));
});

function aLogin(over: Partial<AuthRecord> = {}): Login {
  return { text: new Secret("the text"), record: aRecord("new", over), fallbackName: "auth" };
}

function aFolder(...records: readonly AuthRecord[]): AuthFolder {
  return { records, taken: new Set(records.map(({ file }) => file)) };
}

const WORK = aRecord("work", { accountId: "acct-1", email: "ann@example.com" });
const SAME_ACCOUNT = { accountId: "acct-1", email: "Ann@Example.com" };
const WITHOUT_EMAIL = aRecord("lab", { accountId: "acct-1", email: undefined });
const BOB = aRecord("bob", { accountId: "acct-1", email: "bob@example.com" });
const TEAM = { accountId: "acct-team", email: "ann@example.com" };

/** What becomes of a login in a folder that holds {@link WORK}; a refusal by a word in it. */
const IMPORTS: {
  login: Login;
  wish?: Partial<ImportOptions>;
  folder?: AuthFolder;
  when: string;
  gives: string;
}[] = [
  { when: "there is none yet", login: aLogin(), gives: "add new@example.com.json" },
  { when: "it has no e-mail", login: nameless(), gives: "add auth.json" },
  { when: "a name is given", login: aLogin(), wish: { file: "lab.json" }, gives: "add lab.json" },
  {
    when: "the name is taken",
    login: aLogin(),
    wish: { file: "work.json" },
    gives: "refuse: choose another",
  },
  {
    when: "--replace names another's file",
    login: aLogin(),
    wish: { file: "work.json", replace: true },
    gives: "refuse: choose another",
  },
  { when: "the account is there", login: aLogin(SAME_ACCOUNT), gives: "refuse: add --replace" },
  {
    when: "the account is to be replaced",
    login: aLogin(SAME_ACCOUNT),
    wish: { replace: true },
    gives: "replace work.json",
  },
  {
    when: "it is to be replaced under its name",
    login: aLogin(SAME_ACCOUNT),
    wish: { replace: true, file: "work.json" },
    gives: "replace work.json",
  },
  {
    when: "it is to be replaced under another name",
    login: aLogin(SAME_ACCOUNT),
    wish: { replace: true, file: "lab.json" },
    gives: "refuse: leave out --name",
  },
  {
    when: "it has no refresh token, and the file has one of its own",
    login: aLogin({ ...SAME_ACCOUNT, hasRefreshToken: false }),
    wish: { replace: true, ownLogins: ["work.json"] },
    gives: "refuse: add --move",
  },
  {
    when: "it has no refresh token, and that of the file is elsewhere, too",
    login: aLogin({ ...SAME_ACCOUNT, hasRefreshToken: false }),
    wish: { replace: true, ownLogins: ["other.json"] },
    gives: "replace work.json",
  },
  {
    when: "both have refresh tokens of their own",
    login: aLogin(SAME_ACCOUNT),
    wish: { replace: true, ownLogins: ["work.json"] },
    gives: "replace work.json",
  },
  { when: "the token is there", login: aLogin({ token: WORK.token }), gives: "already work.json" },
  {
    when: "the token is there, under another name",
    login: aLogin({ token: WORK.token }),
    wish: { file: "lab.json" },
    gives: "already work.json",
  },
  {
    when: "the token is there, and more comes with it",
    login: aLogin({ token: WORK.token }),
    wish: { takesOver: true },
    gives: "replace work.json",
  },
  { when: "the same person has another workspace", login: aLogin(TEAM), gives: "add ann@example.com.json" },
  {
    when: "the e-mail's name is taken",
    login: aLogin(TEAM),
    folder: { records: [], taken: new Set(["ann@example.com.json", "ann@example.com-2.json"]) },
    gives: "add ann@example.com-3.json",
  },
  {
    when: "the account is there without its e-mail",
    login: aLogin(SAME_ACCOUNT),
    folder: aFolder(WITHOUT_EMAIL),
    gives: "refuse: add --replace",
  },
  {
    when: "the account is to be replaced in a file without its e-mail",
    login: aLogin(SAME_ACCOUNT),
    wish: { replace: true },
    folder: aFolder(WITHOUT_EMAIL),
    gives: "replace lab.json",
  },
  {
    when: "one file has the whole account, and another only its id",
    login: aLogin(SAME_ACCOUNT),
    wish: { replace: true },
    folder: aFolder(WITHOUT_EMAIL, WORK),
    gives: "replace work.json",
  },
  {
    when: "it names only a workspace with several members",
    login: aLogin({ ...SAME_ACCOUNT, email: undefined }),
    wish: { replace: true },
    folder: aFolder(WORK, BOB),
    gives: "refuse: add --replace and --name",
  },
  {
    when: "it names only a workspace, and --name one of its members",
    login: aLogin({ ...SAME_ACCOUNT, email: undefined }),
    wish: { replace: true, file: "bob.json" },
    folder: aFolder(WORK, BOB),
    gives: "replace bob.json",
  },
  {
    when: "another has no e-mail either",
    login: nameless(),
    folder: aFolder(nameless("other").record),
    gives: "add auth.json",
  },
];

function nameless(token = "t"): Login {
  const record = aRecord("new", { token: new Secret(token), accountId: undefined, email: undefined });
  return { ...aLogin(), record };
}

for (const { when, login, wish, folder = aFolder(WORK), gives } of IMPORTS) {
  Deno.test(`planImport() says "${gives}" when ${when}`, () => {
    const plan = planImport(login, { replace: false, takesOver: false, ownLogins: [], ...wish }, folder);
    const said = plan.kind === "refuse" ? `refuse: ${plan.hint}` : `${plan.kind} ${plan.file}`;
    assert.ok(said.startsWith(gives), said);
  });
}

Deno.test("planImport() never overwrites a file of another account", () => {
  const person = fc.record({
    token: fc.constantFrom("t1", "t2", "t3", "t4").map((text) => new Secret(text)),
    email: fc.constantFrom("a@x", "A@x", "b@x"),
    accountId: fc.constantFrom("1", "2"),
  });
  const name = fc.constantFrom("a@x.json", "b@x.json", "a@x-2.json", "lab.json");
  const folder = fc.uniqueArray(fc.tuple(name, person), { selector: ([file]) => file }).map((entries) =>
    aFolder(...entries.map(([file, identity]) => aRecord("x", { file, ...identity })))
  );
  const wish = fc.record({ replace: fc.boolean(), file: fc.option(name, { nil: undefined }) });
  fc.assert(fc.property(person, wish, folder, (identity, wish, folder) => {
    const plan = planImport(aLogin(identity), { takesOver: false, ownLogins: [], ...wish }, folder);
    if (plan.kind === "add") return assert.ok(!folder.taken.has(plan.file));
    if (plan.kind === "refuse") return;
    const old = folder.records.find(({ file }) => file === plan.file)!;
    if (plan.kind === "already") return assert.ok(old.token.equals(identity.token));
    const isSame = old.accountId === identity.accountId &&
      old.email?.toLowerCase() === identity.email.toLowerCase();
    assert.ok(wish.replace && (isSame || old.token.equals(identity.token)));
  }));
});

Deno.test("loginFrom() keeps the text as it is, and gives reasons that do not quote it", () => {
  const text = `\n${codexLogin()}\n`;
  const login = loginFrom(text, "auth");
  assert.ok(!("reason" in login));
  assert.equal(login.text.reveal(), text);
  assert.equal(login.record.email, "ann@example.com");
  assert.deepEqual(loginFrom('{"token": "hunter2', "auth"), { reason: "not valid JSON" });
  assert.deepEqual(loginFrom(JSON.stringify({ token: "ü".repeat(600_000) }), "auth"), {
    reason: "it is larger than 1 MiB",
  });
});

Deno.test("loginFromApiKey() writes a key as Codex does, and accepts nothing that is not one key", () => {
  const login = loginFromApiKey("  sk-proj-a_b.c~1/2+3==\n");
  assert.deepEqual(JSON.parse(login!.text.reveal()), {
    auth_mode: "apikey",
    OPENAI_API_KEY: "sk-proj-a_b.c~1/2+3==",
  });
  assert.equal(login!.record.token.reveal(), "sk-proj-a_b.c~1/2+3==");
  for (const text of ["", "\n", "sk-1 sk-2", "sk-1\nsk-2", '{"token":"x"}', "sk-ü", "a=b"]) {
    assert.equal(loginFromApiKey(text), undefined, JSON.stringify(text));
  }
});
