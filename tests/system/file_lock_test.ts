// Locks, with real files and other processes.

import assert from "node:assert/strict";
import { tryLock, waitForLock } from "../../src/system/file_lock.ts";
import { FileError, systemFiles as files } from "../../src/system/files.ts";
import { startScript } from "../support/script.ts";
import { inFolder } from "../support/temp_folder.ts";

Deno.test("tryLock() locks for one holder at a time, and writes its note", () =>
  inFolder(async (folder) => {
    const path = `${folder}/lock`;
    await Deno.writeTextFile(path, "a long note of an earlier run");
    const lock = await files.tryLock(path, "first");
    assert.ok(lock);
    assert.equal(await files.tryLock(path, "second"), undefined);
    assert.equal(await files.readText(path), "first");
    lock.release();
    const next = await files.tryLock(path, "third");
    assert.equal(await files.readText(path), "third");
    next!.release();
  }));

Deno.test("tryLock() does not get a lock of another process until that is killed", () =>
  inFolder(async (folder) => {
    const path = `${folder}/lock`;
    const holder = startScript(
      "system/files.ts",
      `await it.systemFiles.tryLock(${JSON.stringify(path)}, "theirs");
      console.log("locked");
      setInterval(() => {}, 1000);`,
    );
    const stdout = holder.stdout.getReader();
    assert.equal(new TextDecoder().decode((await stdout.read()).value), "locked\n");
    assert.equal(await files.tryLock(path, "ours"), undefined);
    assert.equal(await files.readText(path), "theirs");

    holder.kill("SIGKILL");
    await Promise.all([holder.status, stdout.cancel(), holder.stderr.cancel()]);
    const lock = await files.tryLock(path, "ours");
    assert.equal(await files.readText(path), "ours");
    lock!.release();
  }));

Deno.test("lock() waits for its turn, within one process as well, and keeps the content of the file", () =>
  inFolder(async (folder) => {
    const path = `${folder}/lock`;
    await Deno.writeTextFile(path, "content");
    const steps: string[] = [];
    const first = await files.lock(path);
    const second = files.lock(path).then((lock) => {
      steps.push("second");
      lock.release();
    });
    assert.equal(await files.tryLock(path, ""), undefined);
    steps.push("first ends");
    first.release();
    await second;
    assert.deepEqual(steps, ["first ends", "second"]);
    assert.equal(await files.readText(path), "content");
    assert.equal((await files.info(path))!.mode, 0o644);
  }));

Deno.test("lock() excludes those who lock a file made after the first was removed", () =>
  inFolder(async (folder) => {
    const path = `${folder}/lock`;
    const first = await files.lock(path);
    const second = files.lock(path);
    await Deno.remove(path);
    first.release();
    const lock = await second;
    assert.equal(await files.tryLock(path, ""), undefined);
    lock.release();
  }));

Deno.test("a lock knows whether its file is still the one with the name, and writes into it", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a/lock`;
    await files.makeFolder(`${folder}/a`);
    const lock = (await files.tryLock(path, "a long note"))!;
    assert.equal(await lock.isAt(path), true);
    await lock.write("short");
    assert.equal(await files.readText(path), "short");
    await Deno.remove(path);
    assert.equal(await lock.isAt(path), false);
    await Deno.writeTextFile(path, "another file");
    assert.equal(await lock.isAt(path), false);
    await lock.write("into the first");
    assert.equal(await files.readText(path), "another file");
    await Deno.remove(`${folder}/a`, { recursive: true });
    assert.equal(await lock.isAt(path), false);
    const next = await files.tryLock(`${folder}/lock`, "");
    await assert.rejects(lock.isAt(`${folder}/lock/below`), FileError);
    next!.release();
    lock.release();
  }));

Deno.test("where a locked file cannot be read, another one is locked, and the note can be read", () =>
  inFolder(async (folder) => {
    const path = `${folder}/lock`;
    const hidesLocked = true;
    const lock = (await tryLock(path, "first", hidesLocked))!;
    assert.equal(await tryLock(path, "second", hidesLocked), undefined);
    assert.equal(await files.readText(path), "first");
    // Nobody holds the file with the note, as Windows would ask it of those who read it.
    (await tryLock(path, "note", false))!.release();
    assert.equal(await lock.isAt(path), true);
    await lock.write("again");
    assert.equal(await files.readText(path), "again");
    const waiting = waitForLock(path, hidesLocked);
    lock.release();
    (await waiting).release();
    assert.equal(await files.readText(path), "again");
    await Deno.remove(path);
    await Deno.mkdir(path);
    await assert.rejects(tryLock(path, "", hidesLocked));
    await Deno.remove(path);
    (await tryLock(path, "", hidesLocked))!.release();
  }));
