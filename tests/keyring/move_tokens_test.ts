import assert from "node:assert/strict";
import { holdsTokens, keptEntry } from "../../src/auth/kept_tokens.ts";
import { keptFiles } from "../../src/keyring/kept_files.ts";
import {
  forgetTokens,
  type MoveOutcome,
  moveTokens,
  namedEntries,
  newKeyText,
  type TokenPlace,
} from "../../src/keyring/move_tokens.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeKeyring } from "../support/fake_keyring.ts";
import { loginFile } from "../support/logins.ts";
import { asPort, MemoryFiles } from "../support/memory_files.ts";

function folder(texts: Readonly<Record<string, string>>) {
  const entries = Object.entries(texts).map(([name, text]) => [`/keys/${name}`, text]);
  const [disk, keyring] = [new MemoryFiles(Object.fromEntries(entries)), new FakeKeyring()];
  const place = {
    files: keptFiles(asPort(disk), keyring),
    clock: new FakeClock(),
    authDir: "/keys",
    keyring,
  };
  const move = async (to: TokenPlace, file = "work.json") =>
    await moveTokens(place, { file, to, entries: await namedEntries(place) });
  return { disk, keyring, place, move };
}

const WORK = { "work.json": loginFile() };

Deno.test("moveTokens() moves there and back, and says when there is nothing to do", async () => {
  const { disk, move } = folder(WORK);
  const kinds: MoveOutcome["kind"][] = [];
  for (const to of ["file", "keyring", "keyring", "file", "file"] as const) {
    kinds.push((await move(to)).kind);
    assert.equal(holdsTokens(disk.text("/keys/work.json")!), to === "file");
  }
  assert.deepEqual(kinds, ["there", "moved", "there", "moved", "there"]);
  assert.equal(disk.text("/keys/work.json"), WORK["work.json"]);
});

Deno.test("moveTokens() ends a move that was interrupted", async () => {
  const { disk, keyring, move } = folder(WORK);
  disk.put("/keys/work.json", loginFile({ more: { cdx2_keyring: { entry: "Entry0001" } } }));
  assert.deepEqual(await move("keyring"), { kind: "moved" });
  assert.deepEqual([...keyring.entries.keys()], ["Entry0001"]);
});

Deno.test("moveTokens() moves tokens that another program has put into a kept file", async () => {
  const { disk, keyring, move } = folder(WORK);
  await move("keyring");
  const { cdx2_keyring } = JSON.parse(disk.text("/keys/work.json")!);
  disk.put("/keys/work.json", loginFile({ refreshToken: "rt_2", more: { cdx2_keyring } }));
  assert.deepEqual(await move("keyring"), { kind: "moved" });
  assert.match(keyring.text, /rt_2/);
});

Deno.test("moveTokens() changes the file that a link in the folder leads to", async () => {
  const { disk, move } = folder(WORK);
  disk.link("/keys/link.json", "/keys/work.json");
  assert.equal((await move("keyring", "link.json")).kind, "moved");
  assert.equal(holdsTokens(disk.text("/keys/work.json")!), false);
});

/** `[what the file is, what happens to the folder, the outcome]` */
const STAY: [string, (disk: MemoryFiles, keyring: FakeKeyring) => void, MoveOutcome["kind"], RegExp][] = [
  ["no key", (disk) => disk.put("/keys/work.json", '{"a":1}'), "not_a_key", /no token in it/],
  [
    "another provider's",
    (disk) => disk.put("/keys/work.json", '{"type":"claude","access_token":"sk-ant-0123456789"}'),
    "not_a_key",
    /of Anthropic|claude/i,
  ],
  ["broken", (disk) => disk.put("/keys/work.json", "{"), "not_a_key", /not valid JSON/],
  [
    "hard-linked",
    (disk) => disk.hardLink("/keys/work.json", "/keys/twin.json"),
    "failed",
    /it is hard-linked/,
  ],
  [
    "in a keyring that is locked",
    (_disk, keyring) => void (keyring.problem = "the keyring is locked"),
    "failed",
    /the keyring is locked/,
  ],
];

for (const [what, prepare, kind, reason] of STAY) {
  Deno.test(`moveTokens() leaves a file as it is that is ${what}`, async () => {
    const { disk, keyring, move } = folder(WORK);
    prepare(disk, keyring);
    const before = disk.text("/keys/work.json");
    const outcome = await move("keyring");
    assert.equal(outcome.kind, kind);
    assert.match("reason" in outcome ? outcome.reason : "", reason);
    assert.equal(disk.text("/keys/work.json"), before);
  });
}

Deno.test("the tokens that a copy names as well are neither moved back nor forgotten", async () => {
  const { disk, keyring, place, move } = folder(WORK);
  await move("keyring");
  disk.put("/keys/copy.json", disk.text("/keys/work.json")!);
  assert.deepEqual(await move("file"), {
    kind: "failed",
    reason: "copy.json names the same entry: remove one of them first",
  });
  assert.equal(await forgetTokens(place, "work.json"), undefined);
  assert.equal(keyring.entries.size, 1);
});

Deno.test("moves of many keys back into their files read each file a number of times that does not grow", async () => {
  const names = Array.from({ length: 40 }, (_, at) => `key-${at}.json`);
  const { place, move } = folder(
    Object.fromEntries(names.map((name, at) => [name, loginFile({ session: `s${at}` })])),
  );
  for (const name of names) await move("keyring", name);
  let reads = 0;
  const files = { ...place.files, readText: (path: string) => (reads++, place.files.readText(path)) };
  const entries = await namedEntries({ ...place, files });
  for (const file of names) {
    assert.deepEqual(await moveTokens({ ...place, files }, { file, to: "file", entries }), { kind: "moved" });
  }
  assert.ok(reads <= 5 * names.length, `${reads} reads`);
});

Deno.test("forgetTokens() removes them, or says what is left", async () => {
  const { disk, keyring, place, move } = folder({ ...WORK, "plain.json": loginFile() });
  assert.equal(await forgetTokens(place, "plain.json"), undefined);
  await move("keyring");
  keyring.problem = "the keyring is locked";
  assert.equal(await forgetTokens(place, "work.json"), "the keyring is locked");
  keyring.problem = undefined;
  assert.equal(await forgetTokens(place, "work.json"), undefined);
  assert.equal(keyring.entries.size, 0);
  disk.put("/keys/broken.json", "{");
  assert.equal(await forgetTokens(place, "broken.json"), undefined);
});

Deno.test("newKeyText() puts the tokens where the setting wants them, wherever they were", () => {
  for (const text of [loginFile(), loginFile({ more: { cdx2_keyring: { entry: "Entry0001" } } })]) {
    const entryIn = (keyring: boolean) =>
      keptEntry(newKeyText(new Secret(text), { keyring }).reveal())?.entry;
    assert.equal(entryIn(false), undefined);
    assert.match(entryIn(true)!, /^(?!Entry0001)\w+$/);
  }
});
