import assert from "node:assert/strict";
import { keptEntry, withEntry } from "../../src/auth/kept_tokens.ts";
import { keptFiles } from "../../src/keyring/kept_files.ts";
import { lateKeptFiles, lateKeyring } from "../../src/keyring/late.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeKeyring } from "../support/fake_keyring.ts";
import { loginFile } from "../support/logins.ts";
import { asPort, MemoryFiles } from "../support/memory_files.ts";

const PATH = "/keys/work.json";
const LOGIN = loginFile({ refreshToken: "rt_one" });

function machine(text = LOGIN) {
  const disk = new MemoryFiles({ [PATH]: text, "/keys/.env": "A=1\n" });
  const keyring = new FakeKeyring();
  let loads = 0;
  const late = lateKeyring(() => {
    loads += 1;
    return Promise.resolve(keyring);
  });
  const files = lateKeptFiles(asPort(disk), late);
  return { disk, keyring, late, files, loads: () => loads };
}

Deno.test("a file that names no entry is read without the keyring", async () => {
  const { files, loads } = machine();
  assert.equal(await files.readText(PATH), LOGIN);
  assert.equal(await files.readText("/keys/.env"), "A=1\n");
  assert.equal(loads(), 0);
});

Deno.test("files write tokens to the keyring and read them there as without delay", async () => {
  const { disk, keyring, files, loads } = machine();
  await files.writeDurable(PATH, withEntry(LOGIN, "Entry0001"));
  assert.doesNotMatch(disk.text(PATH) ?? "", /rt_one/);
  assert.equal(await files.readText(PATH), await keptFiles(asPort(disk), keyring).readText(PATH));
  assert.match(await files.readText(PATH), /rt_one/);
  assert(keptEntry(disk.text(PATH) ?? ""));
  assert.equal(loads(), 1);
});

Deno.test("lateKeyring() hands everything on to one keyring, and forgets only what was read", async () => {
  const { late, keyring, loads } = machine();
  late.forget();
  assert.equal(loads(), 0);
  await late.check();
  await late.write("Entry0001", new Secret("tokens"));
  assert.equal((await late.read("Entry0001", undefined))?.reveal(), "tokens");
  await late.remove("Entry0001");
  assert.equal(keyring.entries.size, 0);
  assert.equal(loads(), 1);
});
