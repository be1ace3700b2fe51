import assert from "node:assert/strict";
import { storeLogin, uninterrupted } from "../../src/credentials/login_store.ts";
import { ENDING_SIGNALS } from "../../src/system/process.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { codexLogin } from "../support/login.ts";
import { FakeProcesses } from "../support/fake_processes.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const NOTHING = { name: undefined, replace: undefined };
const LOGIN = new Secret(codexLogin({ issue: 2 }));

function aPlace(texts: Record<string, string> = {}) {
  return { files: new MemoryFiles({ "/keys/.env": "", ...texts }), clock: new FakeClock(), authDir: "/keys" };
}

async function keysIn(files: MemoryFiles): Promise<readonly string[]> {
  return (await files.list("/keys")).filter((name) => name.endsWith(".json"));
}

Deno.test("storeLogin() writes a file of its own, private and whole", async () => {
  const place = aPlace();
  const { kind, file } = await storeLogin(place, LOGIN, NOTHING);
  assert.deepEqual([kind, file], ["add", "ann@example.com.json"]);
  assert.equal(place.files.text(`/keys/${file}`), LOGIN.reveal());
  assert.equal((await place.files.info(`/keys/${file}`))!.mode, 0o600);
});

Deno.test("storeLogin() takes another name where the file system takes two names for one", async () => {
  class CaselessFiles extends MemoryFiles {
    override createEmpty(path: string): Promise<boolean> {
      return path.endsWith("/ann@example.com.json") ? Promise.resolve(false) : super.createEmpty(path);
    }
  }
  const place = { ...aPlace(), files: new CaselessFiles({ "/keys/Ann@example.com.json": "{}" }) };
  assert.equal((await storeLogin(place, LOGIN, NOTHING)).file, "ann@example.com-2.json");
});

Deno.test("storeLogin() replaces the file that was named, and keeps its switches", async () => {
  const place = aPlace({ "/keys/a.json": codexLogin().replace("{", '{\n  "priority": 7,') });
  await storeLogin(place, LOGIN, { ...NOTHING, replace: "a.json" });
  const { priority, tokens } = JSON.parse(place.files.text("/keys/a.json")!);
  assert.deepEqual([priority, tokens], [7, JSON.parse(LOGIN.reveal()).tokens]);
});

Deno.test("storeLogin() changes nothing when the account is another", async () => {
  const eve = codexLogin({ email: "eve@example.com", accountId: "acct-eve" });
  const place = aPlace({ "/keys/eve.json": eve });
  const stored = storeLogin(place, LOGIN, { ...NOTHING, replace: "eve.json" });
  await assert.rejects(stored, /^UserError: Cannot log in: you logged in as ann@example\.com/);
  assert.equal(place.files.text("/keys/eve.json"), eve);
  assert.deepEqual(await keysIn(place.files), ["eve.json"]);
});

Deno.test("storeLogin() leaves nothing when the disk is full, and nothing of an answer without a token", async () => {
  const place = aPlace();
  place.files.failAt("/keys/ann@example.com.json", "no_space");
  await assert.rejects(storeLogin(place, LOGIN, NOTHING), /FileError/);
  assert.deepEqual(await keysIn(place.files), []);
  await assert.rejects(storeLogin(place, new Secret("{}"), NOTHING), /the answer of the issuer is of no use/);
});

Deno.test("uninterrupted() holds signals off until it is done", async () => {
  const processes = new FakeProcesses();
  const done = await uninterrupted(processes, () => {
    assert.equal(processes.handlerCount, ENDING_SIGNALS.length);
    processes.receive("SIGINT");
    return Promise.resolve("written");
  });
  assert.deepEqual([done, processes.handlerCount], ["written", 0]);
  await assert.rejects(uninterrupted(processes, () => Promise.reject(new Error("no"))), /no/);
  assert.equal(processes.handlerCount, 0);
});
