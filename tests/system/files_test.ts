// What MemoryFiles does as the disk does is tested beside it; here is what only a disk has: modes, links
// and ways to refuse.

import assert from "node:assert/strict";
import { FileError, type FileErrorCode, systemFiles as files } from "../../src/system/files.ts";
import { inFolder } from "../support/temp_folder.ts";

async function modeOf(path: string): Promise<string> {
  return (await files.info(path))!.mode.toString(8);
}

async function failsWith(code: FileErrorCode, path: string, act: Promise<unknown>): Promise<void> {
  await assert.rejects(act, (error) => {
    assert.ok(error instanceof FileError, String(error));
    assert.equal(error.code, code);
    assert.ok(error.message.startsWith(`${path}: `), error.message);
    assert.doesNotMatch(error.message, /os error/);
    return true;
  });
}

Deno.test("systemFiles creates private files, whatever was there before", () =>
  inFolder(async (folder) => {
    await files.makeFolder(`${folder}/a/b`);
    assert.deepEqual([await modeOf(`${folder}/a`), await modeOf(`${folder}/a/b`)], ["700", "700"]);

    const path = `${folder}/a/state`;
    await Deno.writeTextFile(path, "open to all", { mode: 0o644 });
    await files.writeAtomic(path, "new");
    assert.equal(await modeOf(path), "600");

    (await files.openAppend(`${folder}/a/log`)).close();
    assert.equal(await modeOf(`${folder}/a/log`), "600");

    await files.createEmpty(`${folder}/a/empty`);
    assert.equal(await modeOf(`${folder}/a/empty`), "600");

    const lock = await files.tryLock(`${folder}/a/lock`, "");
    lock!.release();
    assert.equal(await modeOf(`${folder}/a/lock`), "600");
  }));

Deno.test("writeAtomic() writes long text whole and leaves nothing beside it", () =>
  inFolder(async (folder) => {
    const text = "zwölf ".repeat(500_000);
    await files.writeAtomic(`${folder}/long`, text);
    assert.equal(await files.readText(`${folder}/long`), text);
    assert.deepEqual(await files.list(folder), ["long"]);
  }));

Deno.test("writeAtomic() leaves no file when the disk refuses", () =>
  inFolder(async (folder) => {
    const taken = `${folder}/taken`;
    await files.makeFolder(`${taken}/inside`);
    await failsWith("is_a_folder", taken, files.writeAtomic(taken, "text"));
    assert.deepEqual(await files.list(folder), ["taken"]);

    const gone = `${folder}/gone/state`;
    await failsWith("not_found", gone, files.writeAtomic(gone, "text"));
    assert.deepEqual(await files.list(folder), ["taken"]);
  }));

Deno.test("writeAtomic() called many times at once leaves one whole text", () =>
  inFolder(async (folder) => {
    const texts = Array.from({ length: 20 }, (_, n) => `${n} `.repeat(10_000));
    await Promise.all(texts.map((text) => files.writeAtomic(`${folder}/state`, text)));
    assert.ok(texts.includes(await files.readText(`${folder}/state`)));
    assert.deepEqual(await files.list(folder), ["state"]);
  }));

Deno.test("a FileError says why, as far as callers distinguish it", () =>
  inFolder(async (folder) => {
    const file = `${folder}/file`;
    await Deno.writeTextFile(file, "");
    await failsWith("not_found", `${folder}/none`, files.readText(`${folder}/none`));
    await failsWith("not_a_folder", file, files.list(file));
    await failsWith("not_a_folder", `${file}/x`, files.readText(`${file}/x`));
    await failsWith("is_a_folder", folder, files.readText(folder));
    await failsWith(
      "other",
      `${folder}/self`,
      Deno.symlink("self", `${folder}/self`).then(() => files.readText(`${folder}/self`)),
    );
  }));

Deno.test({
  name: "a FileError says that a full disk is full",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const full = await files.openAppend("/dev/full");
    await failsWith("no_space", "/dev/full", full.write(new Uint8Array(1)));
    full.close();
    await failsWith("no_space", "/dev/full", files.append("/dev/full", new Uint8Array(1)));
  },
});

Deno.test({
  name: "a FileError says that something is not permitted",
  permissions: { read: ["/nowhere"] },
  fn: async () => {
    await failsWith("denied", "/etc/hosts", files.readText("/etc/hosts"));
    await failsWith("denied", "/nowhere", files.openAppend("/nowhere"));
  },
});

Deno.test("openAppend() appends to the file, and counts its bytes", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    await Deno.writeTextFile(path, "one\n");
    const [log, other] = [await files.openAppend(path), await files.openAppend(path)];
    assert.equal(log.sizeBytes, 4);
    await log.write(new TextEncoder().encode("two\n"));
    await other.write(new TextEncoder().encode("three\n"));
    await log.write(new TextEncoder().encode("four\n"));
    assert.deepEqual([await files.readText(path), log.sizeBytes], ["one\ntwo\nthree\nfour\n", 13]);
    log.close();
    other.close();
  }));

Deno.test("append() adds to a file that is there, and leaves its mode alone", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`;
    const bytes = new TextEncoder().encode("two\n");
    await failsWith("not_found", path, files.append(path, bytes));
    await Deno.writeTextFile(path, "one\n", { mode: 0o640 });
    await files.append(path, bytes);
    assert.equal(await files.readText(path), "one\ntwo\n");
    if (Deno.build.os !== "windows") assert.equal((await files.info(path))?.mode, 0o640);
  }));

Deno.test("readHead() reads the beginning of a file, or all of it", () =>
  inFolder(async (folder) => {
    const text = "0123456789".repeat(50_000);
    await Deno.writeTextFile(`${folder}/log`, text);
    for (const maxBytes of [0, 300_001, 500_000, 1e6]) {
      const head = await files.readHead(`${folder}/log`, maxBytes);
      assert.equal(new TextDecoder().decode(head), text.slice(0, maxBytes));
    }
  }));

Deno.test("readTail() reads the end of a file, or all of it", () =>
  inFolder(async (folder) => {
    const text = "0123456789".repeat(50_000);
    await Deno.writeTextFile(`${folder}/log`, text);
    for (const [maxBytes, startsAt] of [[0, 500_000], [300_001, 199_999], [500_000, 0], [1e9, 0]] as const) {
      const tail = await files.readTail(`${folder}/log`, maxBytes);
      assert.equal(tail.startsAt, startsAt);
      assert.equal(new TextDecoder().decode(tail.bytes), text.slice(startsAt));
    }
  }));

Deno.test("info() distinguishes kinds, follows links, and is undefined for nothing", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "12345");
    await Deno.symlink(`${folder}/file`, `${folder}/link`);
    await Deno.symlink(`${folder}/gone`, `${folder}/broken`);
    const kindOf = async (path: string) => (await files.info(path))?.kind;
    assert.deepEqual(
      await Promise.all([folder, `${folder}/file`, `${folder}/link`, "/dev/null"].map(kindOf)),
      ["folder", "file", "file", "other"],
    );
    assert.equal((await files.info(`${folder}/link`))!.sizeBytes, 5);
    assert.equal(await files.info(`${folder}/broken`), undefined);
    assert.equal(await files.realPath(`${folder}/link`), await files.realPath(`${folder}/file`));
  }));

Deno.test("info() has another revision for a file that was replaced, even by an equal one", () =>
  inFolder(async (folder) => {
    const path = `${folder}/key.json`;
    await files.writeAtomic(path, "same size");
    const revisions = new Set([(await files.info(path))!.revision]);
    assert.ok(revisions.has((await files.info(path))!.revision), "looking changes nothing");
    await files.writeAtomic(path, "size same");
    revisions.add((await files.info(path))!.revision);
    await Deno.writeTextFile(path, "longer than before");
    revisions.add((await files.info(path))!.revision);
    assert.equal(revisions.size, 3);
  }));

Deno.test("info() counts the names of a file", () =>
  inFolder(async (folder) => {
    await files.writeDurable(`${folder}/a`, "text");
    assert.equal((await files.info(`${folder}/a`))!.links, 1);
    await Deno.link(`${folder}/a`, `${folder}/b`);
    assert.equal((await files.info(`${folder}/a`))!.links, 2);
    assert.equal(await files.readText(`${folder}/b`), "text");
  }));
