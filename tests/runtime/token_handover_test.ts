import assert from "node:assert/strict";
import { loadAuthDir } from "../../src/auth/store.ts";
import { keptFiles } from "../../src/keyring/kept_files.ts";
import { moveTokens } from "../../src/keyring/move_tokens.ts";
import { handTokens, TokenHandover, type TokensHanded } from "../../src/runtime/token_handover.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeKeyring } from "../support/fake_keyring.ts";
import { loginFile } from "../support/logins.ts";
import { asPort, MemoryFiles } from "../support/memory_files.ts";

/** A key in the keyring, the main thread, and a worker that asks it. */
async function world() {
  const [disk, keyring, clock] = [
    new MemoryFiles({ "/keys/work.json": loginFile() }),
    new FakeKeyring(),
    new FakeClock(),
  ];
  const files = keptFiles(asPort(disk), keyring);
  const place = { files, clock, authDir: "/keys" };
  await moveTokens(place, { file: "work.json", to: "keyring", entries: new Map() });
  const handed: TokensHanded[] = [];
  const worker = new TokenHandover((wanted) => {
    void handTokens({ files, authDir: "/keys" }, wanted).then((answer) => {
      handed.push(answer);
      worker.take(answer);
    });
  }, clock);
  return { disk, keyring, clock, files, worker, workerFiles: worker.over(asPort(disk)), handed };
}

Deno.test("the worker gets the key, and nothing with which it could be renewed", async () => {
  const { files, workerFiles, handed } = await world();
  const [[held], [known]] = [
    (await loadAuthDir(workerFiles, "/keys")).records,
    (await loadAuthDir(files, "/keys")).records,
  ];
  assert.ok(held && known);
  assert.ok(held.token.equals(known.token));
  assert.deepEqual(held, known);
  assert.equal(handed.length, 1);
  assert.doesNotMatch(JSON.stringify(handed), /rt_1/);
});

Deno.test("the worker asks once for each state of a file, and again after new tokens", async () => {
  const { worker, workerFiles, handed } = await world();
  for (let looks = 0; looks < 3; looks++) await loadAuthDir(workerFiles, "/keys");
  assert.equal(handed.length, 1);
  worker.forget();
  await Promise.all([loadAuthDir(workerFiles, "/keys"), loadAuthDir(workerFiles, "/keys")]);
  assert.equal(handed.length, 2);
});

Deno.test("a key whose keyring is locked is refused by name, and looked at again after a while", async () => {
  const { keyring, clock, workerFiles } = await world();
  const revision = async () => (await workerFiles.info("/keys/work.json"))!.revision;
  const before = await revision();
  keyring.problem = "the keyring is locked";
  assert.deepEqual((await loadAuthDir(workerFiles, "/keys")).rejected, [{
    file: "work.json",
    reason: "cannot be read: its tokens are in the keyring: the keyring is locked",
  }]);
  const [failed] = [await revision(), await clock.advance(16_000)];
  assert.notEqual(failed, before);
  assert.notEqual(await revision(), failed);
  keyring.problem = undefined;
  assert.equal((await loadAuthDir(workerFiles, "/keys")).records.length, 1);
  assert.equal(await revision(), before);
});

Deno.test("a key goes on with the tokens that it had while its new ones cannot be read", async () => {
  const { disk, keyring, clock, files, worker, workerFiles } = await world();
  const tokenOf = async () => (await loadAuthDir(workerFiles, "/keys")).records[0]?.token.reveal();
  const old = await tokenOf();
  const { cdx2_keyring } = JSON.parse(disk.text("/keys/work.json")!);
  const text = loginFile({ lifeMs: 7_200_000, more: { cdx2_keyring } });
  await files.writeDurable("/keys/work.json", text);
  keyring.problem = "the keyring is locked";
  worker.forget();
  assert.equal(await tokenOf(), old);
  keyring.problem = undefined;
  await clock.advance(16_000);
  assert.equal(await tokenOf(), JSON.parse(text).tokens.access_token);
});

/** A key whose tokens were in its file when the worker read it, and are moved now. */
async function movedWhileServing({ becomes = (text: string) => text } = {}) {
  const [disk, keyring, clock] = [
    new MemoryFiles({ "/keys/work.json": loginFile() }),
    new FakeKeyring(),
    new FakeClock(),
  ];
  const files = keptFiles(asPort(disk), keyring);
  const worker = new TokenHandover((wanted) => {
    void handTokens({ files, authDir: "/keys" }, wanted).then((answer) => worker.take(answer));
  }, clock);
  const workerFiles = worker.over(asPort(disk));
  const [before] = (await loadAuthDir(workerFiles, "/keys")).records;
  await files.writeDurable("/keys/work.json", becomes(loginFile()));
  const place = { files, clock, authDir: "/keys" };
  await moveTokens(place, { file: "work.json", to: "keyring", entries: new Map() });
  return { before, disk, files, keyring, clock, workerFiles };
}

Deno.test("a key serves on when its tokens are moved and the keyring is locked before the worker looks", async () => {
  const { before, disk, files, keyring, clock, workerFiles } = await movedWhileServing();
  assert.doesNotMatch(disk.text("/keys/work.json")!, /eyJ/);
  keyring.problem = "the keyring is locked";
  const looks = await Promise.all([loadAuthDir(workerFiles, "/keys"), loadAuthDir(workerFiles, "/keys")]);
  for (const { records: [record] } of looks) assert.ok(record?.token.equals(before!.token));
  await clock.advance(16_000);
  assert.equal((await loadAuthDir(workerFiles, "/keys")).records.length, 1);
  assert.doesNotMatch(await workerFiles.readText("/keys/work.json"), /rt_1/);
  keyring.problem = undefined;
  const { cdx2_keyring } = JSON.parse(disk.text("/keys/work.json")!);
  const text = loginFile({ lifeMs: 7_200_000, more: { cdx2_keyring } });
  await files.writeDurable("/keys/work.json", text);
  const [renewed] = (await loadAuthDir(workerFiles, "/keys")).records;
  assert.equal(renewed?.token.reveal(), JSON.parse(text).tokens.access_token);
});

Deno.test("a key that became another login meanwhile does not get the tokens of the former one", async () => {
  const other = () => loginFile({ lifeMs: 7_200_000 });
  const { keyring, workerFiles } = await movedWhileServing({ becomes: other });
  keyring.problem = "the keyring is locked";
  const { records, rejected } = await loadAuthDir(workerFiles, "/keys");
  assert.deepEqual([records.length, rejected.length], [0, 1]);
});

/** `[what the worker asks for, the path, why it gets nothing]` */
const REFUSED: [string, string, string][] = [
  ["a file elsewhere", "/home/ann/.codex/auth.json", "it is not an auth file"],
  ["a file above", "/keys/../home/x.json", "it is not an auth file"],
  ["a folder below", "/keys/sub/x.json", "it is not an auth file"],
  ["the state file", "/keys/rr_proxy_v2.state.json", "it is not an auth file"],
  ["a key whose tokens are in its file", "/keys/plain.json", "it has just changed"],
  ["what is not there", "/keys/none.json", "not found"],
];

for (const [what, path, problem] of REFUSED) {
  Deno.test(`handTokens() does not hand out ${what}`, async () => {
    const files = new MemoryFiles({
      "/keys/plain.json": loginFile(),
      "/home/ann/.codex/auth.json": loginFile(),
    });
    const answer = await handTokens({ files, authDir: "/keys" }, { kind: "tokens_wanted", path });
    assert.deepEqual(answer, { kind: "tokens_handed", path, tokens: undefined, problem: answer.problem });
    assert.match(answer.problem!, new RegExp(problem.replace("not found", ".")));
  });
}
