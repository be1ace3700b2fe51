import assert from "node:assert/strict";
import { findKey, importKey, listKeys, removeKey, renameKey } from "../../src/auth/folder.ts";
import { type Login, loginFrom } from "../../src/auth/folder_plan.ts";
import { asOnlyWriter } from "../../src/auth/auth_file_change.ts";
import { UserError } from "../../src/values/user_error.ts";
import { systemClock } from "../../src/system/clock.ts";
import { FileError, systemFiles } from "../../src/system/files.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { codexLogin, type LoginWords } from "../support/login.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const DIR = "/keys";

function aLogin(words: LoginWords = {}): Login {
  const login = loginFrom(codexLogin(words), "auth");
  assert.ok(!("reason" in login));
  return login;
}

const KEEP = { replace: false, takesOver: false, ownLogins: [] };

function placeOf(files: MemoryFiles) {
  return { files, clock: new FakeClock(), authDir: DIR };
}

function someFiles(texts: Record<string, string> = {}): MemoryFiles {
  return new MemoryFiles({ [`${DIR}/.env`]: "CLIPROXY_PORT=8317\n", ...texts });
}

Deno.test("listKeys() is empty when there is no folder, and fails when the folder cannot be read", async () => {
  const files = someFiles({ [`${DIR}/work.json`]: codexLogin() });
  assert.deepEqual(await listKeys(files, "/elsewhere"), { records: [], rejected: [] });
  assert.equal((await listKeys(files, DIR)).records.length, 1);
  files.failAt(DIR, "denied");
  await assert.rejects(listKeys(files, DIR), FileError);
});

Deno.test("importKey() writes the text unchanged", async () => {
  const files = someFiles();
  const login = aLogin();
  assert.deepEqual(await importKey(placeOf(files), login, KEEP), {
    kind: "add",
    file: "ann@example.com.json",
  });
  assert.equal(files.text(`${DIR}/ann@example.com.json`), login.text.reveal());
});

Deno.test("importKey() refuses the same account twice, and replaces it when told to", async () => {
  const files = someFiles({ [`${DIR}/work.json`]: codexLogin() });
  const newer = aLogin({ issue: 2 });
  await assert.rejects(importKey(placeOf(files), newer, KEEP), (error) => {
    assert.ok(error instanceof UserError);
    assert.deepEqual([error.message, error.exitCode], [
      "Cannot import the key: this account is in work.json already",
      1,
    ]);
    return true;
  });
  assert.equal(files.text(`${DIR}/work.json`), codexLogin());
  await importKey(placeOf(files), newer, { ...KEEP, replace: true });
  assert.equal(files.text(`${DIR}/work.json`), newer.text.reveal());
});

Deno.test("importKey() takes the next name when another import has just taken the first", async () => {
  class RacedFiles extends MemoryFiles {
    override createEmpty(path: string): Promise<boolean> {
      if (path === `${DIR}/auth.json`) this.put(path, "");
      return super.createEmpty(path);
    }
  }
  const login = aLogin({ email: undefined });
  const imported = await importKey(placeOf(new RacedFiles({ [`${DIR}/.env`]: "" })), login, KEEP);
  assert.equal(imported.file, "auth-2.json");
  const named = { ...KEEP, file: "auth.json" };
  await assert.rejects(importKey(placeOf(new RacedFiles({ [`${DIR}/.env`]: "" })), login, named), UserError);
});

Deno.test("importKey() leaves no empty file when the disk is full", async () => {
  class FullFiles extends MemoryFiles {
    override writeDurable(path: string): Promise<void> {
      return Promise.reject(new FileError("no_space", `${path}: no space left on device`));
    }
  }
  const files = new FullFiles({ [`${DIR}/.env`]: "" });
  await assert.rejects(importKey(placeOf(files), aLogin(), KEEP), FileError);
  assert.deepEqual((await files.list(DIR)).filter((name) => name.endsWith(".json")), []);
});

Deno.test("importKey() finds nothing to do for a token that is there, and keeps switches when it replaces", async () => {
  const files = someFiles({ [`${DIR}/work.json`]: codexLogin().replace("{", '{\n  "priority": 7,') });
  const before = files.text(`${DIR}/work.json`);
  assert.deepEqual(await importKey(placeOf(files), aLogin(), KEEP), { kind: "already", file: "work.json" });
  assert.equal(files.text(`${DIR}/work.json`), before);
  await importKey(placeOf(files), aLogin({ issue: 2 }), { ...KEEP, replace: true });
  assert.equal(JSON.parse(files.text(`${DIR}/work.json`)!).priority, 7);
});

Deno.test("importKey() writes twelve logins at the same moment to a private file each", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const logins = Array.from(
      { length: 12 },
      (_, index) => aLogin({ email: undefined, accountId: `acct-${index}` }),
    );
    const imported = await Promise.all(
      logins.map((login) => importKey({ files: systemFiles, clock: systemClock, authDir: dir }, login, KEEP)),
    );
    assert.equal(new Set(imported.map(({ file }) => file)).size, logins.length);
    for (const [index, { file }] of imported.entries()) {
      assert.equal(await Deno.readTextFile(`${dir}/${file}`), logins[index]!.text.reveal());
      assert.equal((await systemFiles.info(`${dir}/${file}`))!.mode, 0o600);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("findKey() finds auth files by every name, and nothing else", async () => {
  const files = someFiles({
    [`${DIR}/work.json`]: codexLogin(),
    [`${DIR}/broken.json`]: "{",
    [`${DIR}/rr_proxy_v2.state.json`]: "{}",
    [`${DIR}/folder.json/x.json`]: "{}",
    "/outside/secret.json": codexLogin(),
  });
  const find = (name: string) => findKey(files, DIR, name, "Cannot remove the key");
  const found = { file: "work.json", email: "ann@example.com", alias: undefined };
  assert.deepEqual(await find("ann@example.com"), found);
  assert.deepEqual(await find("broken"), { file: "broken.json", email: undefined, alias: undefined });
  for (
    const name of [
      "folder",
      ".env",
      "rr_proxy_v2.state.json",
      "../outside/secret.json",
      "folder.json/x.json",
      "none",
    ]
  ) {
    await assert.rejects(find(name), UserError, name);
  }
});

Deno.test("removeKey() removes a link and not its target", async () => {
  const files = someFiles({ "/outside/secret.json": codexLogin() });
  files.link(`${DIR}/link.json`, "/outside/secret.json");
  await removeKey({ files, clock: new FakeClock(), authDir: DIR }, "link.json");
  assert.deepEqual((await files.list(DIR)).filter((name) => !name.endsWith(".lock")), [".env"]);
  assert.equal(files.text("/outside/secret.json"), codexLogin());
});

Deno.test("removeKey() waits for a renewal or another command that is writing", async () => {
  const files = someFiles({ [`${DIR}/work.json`]: codexLogin() });
  const place = { files, clock: new FakeClock(), authDir: DIR };
  const { promise: written, resolve: endWriting } = Promise.withResolvers<void>();
  const writing = asOnlyWriter(place, () => written);
  await place.clock.advance(1);
  const removing = removeKey(place, "work.json");
  await place.clock.advance(1000);
  assert.equal(files.text(`${DIR}/work.json`), codexLogin());
  endWriting();
  await Promise.all([writing, removing]);
  assert.equal(files.text(`${DIR}/work.json`), undefined);
});

Deno.test("renameKey() keeps the content, and overwrites nothing", async () => {
  const files = someFiles({ [`${DIR}/work.json`]: codexLogin(), [`${DIR}/home.json`]: "{}" });
  const place = { files, clock: new FakeClock(), authDir: DIR };
  await renameKey(place, "work.json", "büro.json");
  assert.equal(files.text(`${DIR}/büro.json`), codexLogin());
  assert.equal(files.text(`${DIR}/work.json`), undefined);
  await assert.rejects(renameKey(place, "büro.json", "home.json"), /there is a home\.json already/);
  assert.equal(files.text(`${DIR}/home.json`), "{}");
  files.failAt(`${DIR}/büro.json`, "denied");
  await assert.rejects(renameKey(place, "büro.json", "new.json"), FileError);
  assert.equal(files.text(`${DIR}/new.json`), undefined);
});
