import assert from "node:assert/strict";
import {
  type AuthListing,
  KeyFileLoader,
  loadAuthDir,
  loadKeyFiles,
  watchAuthDir,
} from "../../src/auth/store.ts";
import { FileError, type FileInfo } from "../../src/system/files.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const DIR = "/home/me/auths";
const TWO_LOOKS_MS = 1_400;

function key(token: string): string {
  return JSON.stringify({ token });
}

function filesWith(names: Readonly<Record<string, string>>): MemoryFiles {
  const files = new MemoryFiles();
  for (const [name, text] of Object.entries(names)) files.put(`${DIR}/${name}`, text);
  return files;
}

function tokensIn({ records }: AuthListing): Record<string, string> {
  return Object.fromEntries(records.map(({ file, token }) => [file, token.reveal()]));
}

Deno.test("loadAuthDir() gives the keys by file name and ignores what is not an auth file", async () => {
  const files = filesWith({
    "b.json": key("two"),
    "a.json": key("one"),
    ".hidden.json": key("x"),
    "rr_proxy_v2.state.json": "{}",
    "notes.txt": "x",
    "sub/c.json": key("x"),
  });
  const listing = await loadAuthDir(files, DIR);
  assert.deepEqual(listing.records.map(({ file }) => file), ["a.json", "b.json"]);
  assert.deepEqual(tokensIn(listing), { "a.json": "one", "b.json": "two" });
  assert.deepEqual(listing.rejected, []);
});

Deno.test("loadAuthDir() gives the keys of a folder that is itself a link", async () => {
  const files = filesWith({ "a.json": key("one") });
  files.link("/auths", DIR);
  assert.deepEqual(tokensIn(await loadAuthDir(files, "/auths")), { "a.json": "one" });
});

Deno.test("loadAuthDir() follows a link that stays in the folder", async () => {
  const files = filesWith({ "kept/real": key("one") });
  files.link(`${DIR}/a.json`, "kept/real");
  assert.deepEqual(tokensIn(await loadAuthDir(files, DIR)), { "a.json": "one" });
});

const REJECTIONS: readonly {
  what: string;
  reason: string;
  arrange: (files: MemoryFiles, path: string) => void;
}[] = [
  {
    what: "a link out of the folder",
    reason: "a link that leads out of the auth dir",
    arrange: (files, path) => (files.put("/home/me/other.json", key("x")), files.link(path, "../other.json")),
  },
  {
    what: "a link into a folder whose name begins alike",
    reason: "a link that leads out of the auth dir",
    arrange: (
      files,
      path,
    ) => (files.put(`${DIR}-old/x.json`, key("x")), files.link(path, `${DIR}-old/x.json`)),
  },
  {
    what: "a link that leads nowhere",
    reason: "a link that leads nowhere, or a file that just went",
    arrange: (files, path) => files.link(path, "gone"),
  },
  {
    what: "a link to itself",
    reason: "cannot be read: too many levels of symbolic links",
    arrange: (files, path) => files.link(path, "bad.json"),
  },
  {
    what: "a folder",
    reason: "a folder, not a file",
    arrange: (files, path) => files.put(`${path}/x`, ""),
  },
  {
    what: "a file that may not be read",
    reason: "cannot be read: permission denied",
    arrange: (files, path) => (files.put(path, key("x")), files.failAt(path, "denied")),
  },
  {
    what: "a file over 1 MiB",
    reason: "larger than 1 MiB",
    arrange: (files, path) => files.put(path, " ".repeat(2 ** 20) + key("x")),
  },
  { what: "a broken file", reason: "not valid JSON", arrange: (files, path) => files.put(path, "{") },
  {
    what: "a login of another provider",
    reason: "a login of Claude, not of OpenAI",
    arrange: (files, path) => files.put(path, '{"type":"claude","access_token":"sk-ant-x"}'),
  },
  {
    what: "the second file with a token",
    reason: "same token as a.json",
    arrange: (files, path) => files.put(path, key("one")),
  },
];

for (const { what, reason, arrange } of REJECTIONS) {
  Deno.test(`loadAuthDir() rejects ${what} and keeps the others`, async () => {
    const files = filesWith({ "a.json": key("one"), "z.json": key("two") });
    arrange(files, `${DIR}/bad.json`);
    const listing = await loadAuthDir(files, DIR);
    assert.deepEqual(listing.rejected, [{ file: "bad.json", reason }]);
    assert.deepEqual(tokensIn(listing), { "a.json": "one", "z.json": "two" });
  });
}

Deno.test("loadAuthDir() names a file whose ending is not .json, and does not read it", async () => {
  const files = filesWith({
    "A.JSON": key("one"),
    "b.Json": key("two"),
    "c.json.txt": key("three"),
    "d.json": key("four"),
  });
  const listing = await loadAuthDir(files, DIR);
  assert.deepEqual(tokensIn(listing), { "d.json": "four" });
  const reason = "its name must end in .json";
  assert.deepEqual(listing.rejected, ["A.JSON", "b.Json", "c.json.txt"].map((file) => ({ file, reason })));
});

Deno.test("loadAuthDir() keeps a disabled key, unless the same token is enabled in another file", async () => {
  const disabled = (token: string) => JSON.stringify({ token, disabled: true });
  const files = filesWith({ "a.json": disabled("one"), "b.json": key("one"), "c.json": disabled("two") });
  const { records, rejected } = await loadAuthDir(files, DIR);
  assert.deepEqual(records.map(({ file, isDisabled }) => [file, isDisabled]), [["b.json", false], [
    "c.json",
    true,
  ]]);
  assert.deepEqual(rejected, [{ file: "a.json", reason: "same token as b.json" }]);
});

Deno.test("loadAuthDir() throws when the folder itself cannot be read", async () => {
  await assert.rejects(loadAuthDir(new MemoryFiles(), DIR), FileError);
});

function watched(files: MemoryFiles) {
  const clock = new FakeClock();
  const changes: AuthListing[] = [];
  const problems: string[] = [];
  const watch = watchAuthDir({
    files,
    clock,
    authDir: DIR,
    onChange: (listing) => changes.push(listing),
    onProblem: (message) => problems.push(message),
  });
  return { clock, changes, problems, watch };
}

Deno.test("watchAuthDir() reports files that appear, change and disappear", async () => {
  const files = filesWith({ "a.json": key("one") });
  const { clock, changes, watch } = watched(files);
  assert.deepEqual(tokensIn(await watch.refresh()), { "a.json": "one" });

  files.put(`${DIR}/b.json`, key("two"));
  await clock.advance(TWO_LOOKS_MS);
  files.put(`${DIR}/a.json`, key("new"));
  await clock.advance(TWO_LOOKS_MS);
  files.delete(`${DIR}/b.json`);
  await clock.advance(TWO_LOOKS_MS);

  assert.deepEqual(changes.map(tokensIn), [
    { "a.json": "one" },
    { "a.json": "one", "b.json": "two" },
    { "a.json": "new", "b.json": "two" },
    { "a.json": "new" },
  ]);
  watch.stop();
});

Deno.test("watchAuthDir() does not read a file while it is being written", async () => {
  const files = filesWith({ "a.json": key("one") });
  const { clock, changes, watch } = watched(files);
  await watch.refresh();
  for (const half of ["{", '{"tok', '{"token":"t', key("two")]) {
    files.put(`${DIR}/a.json`, half);
    await clock.advance(700);
  }
  await clock.advance(TWO_LOOKS_MS);
  assert.deepEqual(changes.map(tokensIn), [{ "a.json": "one" }, { "a.json": "two" }]);
  assert.deepEqual(changes.flatMap(({ rejected }) => rejected), []);
  watch.stop();
});

Deno.test("watchAuthDir() reports nothing when only the revisions or our own files changed", async () => {
  const files = filesWith({ "a.json": key("one") });
  const { clock, changes, watch } = watched(files);
  await watch.refresh();
  files.put(`${DIR}/a.json`, key("one"));
  files.put(`${DIR}/rr_proxy_v2.state.json`, "{}");
  await clock.advance(10 * TWO_LOOKS_MS);
  assert.equal(changes.length, 1);
  watch.stop();
});

Deno.test("watchAuthDir() keeps its listing when the folder cannot be read, and reports that once each time", async () => {
  const files = filesWith({ "a.json": key("one") });
  const { clock, changes, problems, watch } = watched(files);
  await watch.refresh();
  for (let round = 0; round < 2; round++) {
    files.failAt(DIR, "denied");
    await clock.advance(5 * TWO_LOOKS_MS);
    assert.deepEqual(tokensIn(await watch.refresh()), { "a.json": "one" });
    files.healAt(DIR);
    await clock.advance(TWO_LOOKS_MS);
  }
  const problem = `cannot read the auth dir, the keys stay as they were: ${DIR}: permission denied`;
  assert.deepEqual(problems, [problem, problem]);
  assert.equal(changes.length, 1);
  watch.stop();
});

Deno.test("watchAuthDir() finds a folder that is created later", async () => {
  const files = new MemoryFiles();
  const { clock, changes, problems, watch } = watched(files);
  assert.deepEqual(await watch.refresh(), { records: [], rejected: [] });
  files.put(`${DIR}/a.json`, key("one"));
  await clock.advance(2 * TWO_LOOKS_MS);
  assert.deepEqual(changes.map(tokensIn), [{ "a.json": "one" }]);
  assert.equal(problems.length, 1);
  watch.stop();
});

Deno.test("watchAuthDir() reports a rejection that begins and ends", async () => {
  const files = filesWith({ "a.json": key("one") });
  const { clock, changes, watch } = watched(files);
  await watch.refresh();
  files.put(`${DIR}/b.json`, "{");
  await clock.advance(TWO_LOOKS_MS);
  files.delete(`${DIR}/b.json`);
  await clock.advance(TWO_LOOKS_MS);
  assert.deepEqual(changes.map(({ rejected }) => rejected.length), [0, 1, 0]);
  watch.stop();
});

Deno.test("watchAuthDir() runs refreshes one after the other and gives each caller the content of its time", async () => {
  const files = filesWith({ "a.json": key("one") });
  const { changes, watch } = watched(files);
  const first = watch.refresh();
  files.put(`${DIR}/b.json`, key("two"));
  const second = watch.refresh();
  await first;
  assert.deepEqual(tokensIn(await second), { "a.json": "one", "b.json": "two" });
  assert.deepEqual(Object.keys(tokensIn(changes.at(-1)!)), ["a.json", "b.json"]);
  watch.stop();
});

Deno.test("watchAuthDir() reports nothing after stop, not even a load in progress", async () => {
  const files = filesWith({ "a.json": key("one") });
  const { clock, changes, watch } = watched(files);
  const loading = watch.refresh();
  watch.stop();
  await loading;
  await clock.advance(5 * TWO_LOOKS_MS);
  assert.deepEqual(changes, []);
  assert.equal(clock.pendingTimers, 0);
});

/** Counts the files that are read. */
class CountingFiles extends MemoryFiles {
  readonly read: string[] = [];
  /** Looks and resolved links. */
  readonly asked: string[] = [];

  override async info(path: string): Promise<FileInfo | undefined> {
    this.asked.push(`info ${path}`);
    return await super.info(path);
  }

  override async realPath(path: string): Promise<string> {
    this.asked.push(`link ${path}`);
    return await super.realPath(path);
  }

  override async readText(path: string): Promise<string> {
    this.read.push(path.slice(DIR.length + 1));
    return await super.readText(path);
  }
}

Deno.test("KeyFileLoader looks once at each file, and asks only of links where they lead", async () => {
  const files = new CountingFiles();
  for (const name of ["a", "b"]) files.put(`${DIR}/${name}.json`, key(name));
  files.put(`${DIR}/kept/c`, key("c"));
  files.link(`${DIR}/c.json`, "kept/c");
  const loaded = await new KeyFileLoader({ files, authDir: DIR }).load("all");
  assert.deepEqual(loaded.map(({ path }) => path), [`${DIR}/a.json`, `${DIR}/b.json`, `${DIR}/kept/c`]);
  assert.deepEqual(files.asked.filter((asked) => asked.endsWith(".json")).sort(), [
    `info ${DIR}/a.json`,
    `info ${DIR}/b.json`,
    `info ${DIR}/c.json`,
    `link ${DIR}/c.json`,
  ]);
});

Deno.test("KeyFileLoader loads what loadKeyFiles() does, and reads only what has changed since", async () => {
  const files = new CountingFiles();
  for (const name of ["a", "b", "c"]) files.put(`${DIR}/${name}.json`, key(name));
  files.put(`${DIR}/odd.json`, "[]");
  const loader = new KeyFileLoader({ files, authDir: DIR });
  const first = await loader.load("all");
  assert.deepEqual(first, await loadKeyFiles(files, DIR));
  files.read.length = 0;
  files.put(`${DIR}/b.json`, key("other"));
  files.put(`${DIR}/d.json`, key("d"));
  const second = await loader.load("some");
  assert.deepEqual(
    files.read.sort(),
    ["b.json", "d.json", "odd.json"],
    "one that gives no key may give one now",
  );
  assert.deepEqual(second, await loadKeyFiles(files, DIR));
  assert.equal(second[0], first[0], "an unchanged file is the same object");
  await files.remove(`${DIR}/a.json`);
  assert.deepEqual((await loader.load("all")).map(({ record }) => record.file), [
    "b.json",
    "c.json",
    "d.json",
  ]);
});

Deno.test("KeyFileLoader reads a file again whose tokens are in the keyring, which may change without it", async () => {
  const files = new CountingFiles();
  const text = JSON.stringify({ token: "one", cdx2_keyring: { entry: "abcdefgh", seal: "s" } });
  files.put(`${DIR}/kept.json`, text);
  const loader = new KeyFileLoader({ files, authDir: DIR });
  await loader.load("all");
  await loader.load("some");
  assert.deepEqual(files.read, ["kept.json", "kept.json"]);
});
