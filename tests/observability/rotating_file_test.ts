import assert from "node:assert/strict";
import { RotatingFile } from "../../src/observability/rotating_file.ts";
import type { FileErrorCode } from "../../src/system/files.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const DIR = "/auths";
const PATH = `${DIR}/rr.log`;

function opened({ files = new MemoryFiles({ [`${DIR}/x`]: "" }), maxBytes = 1_000_000 } = {}) {
  const clock = new FakeClock();
  const recoveries: { lines: number; reason: string }[] = [];
  const file = new RotatingFile(
    { files, clock, path: PATH, maxBytes },
    (lines, reason) => recoveries.push({ lines, reason }),
  );
  return { files, clock, file, recoveries };
}

/** Counts the writes to the log, and how often it is opened for one. */
class CountingFiles extends MemoryFiles {
  opens = 0;
  appends = 0;
  override openAppend(path: string) {
    this.opens++;
    return super.openAppend(path);
  }
  override append(path: string, bytes: Uint8Array) {
    this.appends++;
    return super.append(path, bytes);
  }
  get writes(): number {
    return this.opens + this.appends;
  }
}

Deno.test("RotatingFile writes lines in order, private", async () => {
  const { files, file } = opened();
  file.write("one");
  file.write("zwö");
  await file.flush();
  assert.equal(files.text(PATH), "one\nzwö\n");
  assert.equal((await files.info(PATH))?.mode, 0o600);
});

Deno.test("RotatingFile writes a single line soon, but not before the answer that it is about", async () => {
  const { files, clock, file } = opened();
  file.write("one");
  await clock.advance(0);
  assert.equal(files.text(PATH), undefined);
  await clock.advance(5);
  assert.equal(files.text(PATH), "one\n");
});

Deno.test("RotatingFile writes lines that come close together at once", async () => {
  const files = new CountingFiles({ [`${DIR}/x`]: "" });
  const { clock, file } = opened({ files });
  for (let n = 0; n < 100; n++) {
    file.write(`${n}`);
    await clock.advance(1);
  }
  await file.flush();
  assert.equal(files.text(PATH)?.split("\n").length, 101);
  assert.ok(files.writes <= 7, `${files.writes} writes`);
});

Deno.test("RotatingFile writes a few times a second under load, and soon again when it is over", async () => {
  const files = new CountingFiles({ [`${DIR}/x`]: "" });
  const { clock, file } = opened({ files });
  for (let n = 0; n < 2000; n++) {
    file.write(`${n}`);
    if (n % 2 === 1) await clock.advance(1);
  }
  assert.ok(files.writes <= 10, `${files.writes} writes`);
  await clock.advance(400);
  file.write("a");
  await clock.advance(0);
  file.write("b");
  await clock.advance(20);
  assert.match(files.text(PATH) ?? "", /1999\na\nb\n$/);
});

Deno.test("RotatingFile does not wait with much to write", async () => {
  const { files, clock, file } = opened();
  for (let n = 0; n < 20; n++) file.write("x");
  await clock.advance(0);
  for (let n = 0; n < 300; n++) file.write("y".repeat(1023));
  await clock.advance(0);
  assert.equal(files.text(PATH)?.length, 40 + 300 * 1024);
});

Deno.test("RotatingFile appends to what an earlier run wrote, and ends a line that it left open", async () => {
  for (const [before, after] of [["old\n", "old\nnew\n"], ["half", "half\nnew\n"], ["", "new\n"]]) {
    const files = new MemoryFiles({ [PATH]: before! });
    const { file } = opened({ files });
    file.write("new");
    await file.flush();
    assert.equal(files.text(PATH), after);
  }
});

Deno.test("RotatingFile opens a file only to make it, to find out how it ends, and to rotate it", async () => {
  const files = new CountingFiles({ [PATH]: "half" });
  const { clock, file } = opened({ files, maxBytes: 30 });
  const write = async (line: string) => {
    file.write(line);
    await clock.advance(20);
    return [files.opens, files.appends];
  };
  assert.deepEqual(await write("one"), [1, 0]);
  assert.deepEqual(await write("two"), [1, 1]);
  assert.deepEqual(await write("a line that does not fit"), [3, 1]);
  assert.deepEqual(await write("four"), [3, 2]);
  await files.remove(PATH);
  assert.deepEqual(await write("five"), [4, 2]);
  assert.deepEqual([files.text(`${PATH}.1`), files.text(PATH)], ["half\none\ntwo\n", "five\n"]);
  assert.equal((await files.info(PATH))?.mode, 0o600);
});

Deno.test("RotatingFile loses nothing when its file is removed while it writes", async () => {
  class Removing extends MemoryFiles {
    override async append(path: string, bytes: Uint8Array) {
      await this.remove(path);
      await super.append(path, bytes);
    }
  }
  const { files, file } = opened({ files: new Removing({ [`${DIR}/x`]: "" }) });
  file.write("one");
  await file.flush();
  file.write("two");
  await file.flush();
  assert.equal(files.text(PATH), "two\n");
  assert.equal(file.dropped, 0);
});

Deno.test("RotatingFile moves a full file away and keeps two old ones", async () => {
  const { files, file } = opened({ maxBytes: 12 });
  for (const line of ["11111", "22222", "33333", "44444", "55555", "66666", "77777"]) file.write(line);
  await file.flush();
  assert.equal(files.text(PATH), "77777\n");
  assert.equal(files.text(`${PATH}.1`), "55555\n66666\n");
  assert.equal(files.text(`${PATH}.2`), "33333\n44444\n");
  assert.equal(files.text(`${PATH}.3`), undefined);
  assert.equal(file.dropped, 0);
});

Deno.test("RotatingFile measures a file in bytes, not in characters", async () => {
  const { files, file } = opened({ maxBytes: 12 });
  file.write("zwölf");
  file.write("zwölf");
  await file.flush();
  assert.deepEqual([files.text(`${PATH}.1`), files.text(PATH)], ["zwölf\n", "zwölf\n"]);
});

Deno.test("RotatingFile gives a line that is longer than any file a file of its own", async () => {
  const { files, file } = opened({ maxBytes: 12 });
  for (const line of ["1", "2".repeat(20), "3"]) file.write(line);
  await file.flush();
  assert.deepEqual([PATH, `${PATH}.1`, `${PATH}.2`].map((path) => files.text(path)), [
    "3\n",
    `${"2".repeat(20)}\n`,
    "1\n",
  ]);
});

const FAILURES: readonly { code: FileErrorCode; reason: string }[] = [
  { code: "no_space", reason: "no space left on device" },
  { code: "denied", reason: "permission denied" },
  { code: "is_a_folder", reason: "is a directory" },
];

for (const { code, reason } of FAILURES) {
  Deno.test(`RotatingFile drops, counts and recovers: ${reason}`, async () => {
    const { files, file, recoveries } = opened();
    file.write("before");
    await file.flush();
    files.failAt(DIR, code);
    file.write("lost");
    file.write("lost, too");
    await file.flush();
    assert.equal(file.dropped, 2);
    assert.deepEqual(recoveries, []);

    files.healAt(DIR);
    file.write("after");
    file.write("later");
    await file.flush();
    assert.equal(files.text(PATH), "before\nafter\nlater\n");
    assert.deepEqual(recoveries, [{ lines: 2, reason: `${PATH}: ${reason}` }]);
    assert.equal(file.dropped, 2);
  });
}

Deno.test("RotatingFile leaves the lines alone that a write may still be reading that took too long", async () => {
  let stuck: Uint8Array | undefined;
  class SlowOnce extends MemoryFiles {
    override append(path: string, bytes: Uint8Array) {
      if (stuck) return super.append(path, bytes);
      stuck = bytes;
      return Promise.reject(new Error("took too long"));
    }
  }
  const { files, file } = opened({ files: new SlowOnce({ [`${DIR}/x`]: "" }) });
  for (const line of ["one", "two", "three", "four"]) {
    file.write(line);
    await file.flush();
  }
  assert.equal(new TextDecoder().decode(stuck), "two\n");
  assert.equal(files.text(PATH), "one\nthree\nfour\n");
});

Deno.test("RotatingFile keeps its lines while no descriptor is free", async () => {
  const { files, file, clock } = opened();
  files.failAt(DIR, "no_descriptors");
  file.write("waits");
  await clock.advance(1_000);
  file.write("waits, too");
  await clock.advance(1_000);
  files.healAt(DIR);
  await clock.advance(100);
  assert.deepEqual([files.text(PATH), file.dropped], ["waits\nwaits, too\n", 0]);
});

Deno.test("RotatingFile does not wait for a descriptor at the end", async () => {
  const { files, file } = opened();
  files.failAt(DIR, "no_descriptors");
  file.write("lost");
  await file.flush();
  assert.equal(file.dropped, 1);
});

Deno.test("RotatingFile recovers when its folder is removed and made again", async () => {
  const { files, file, recoveries } = opened();
  files.delete(DIR);
  file.write("lost");
  await file.flush();
  assert.equal(file.dropped, 1);
  files.put(`${DIR}/x`, "");
  file.write("after");
  await file.flush();
  assert.equal(files.text(PATH), "after\n");
  assert.equal(recoveries.length, 1);
});

Deno.test("RotatingFile makes the file again when it was moved or removed", async () => {
  const { files, file } = opened();
  file.write("one");
  await file.flush();
  await files.rename(PATH, `${PATH}.moved`);
  file.write("two");
  await file.flush();
  files.delete(PATH);
  file.write("three");
  await file.flush();
  assert.equal(files.text(`${PATH}.moved`), "one\n");
  assert.equal(files.text(PATH), "three\n");
});

Deno.test("RotatingFile drops lines when a full file cannot be moved, and does not let it grow", async () => {
  const { files, file } = opened({ maxBytes: 6 });
  file.write("11111");
  await file.flush();
  files.rename = () => Promise.reject(new Error("no"));
  file.write("22222");
  await file.flush();
  assert.equal(files.text(PATH), "11111\n");
  assert.equal(file.dropped, 1);
});

Deno.test("RotatingFile queues no more than 1 MiB for a slow disk", async () => {
  const { files, clock, file, recoveries } = opened({ maxBytes: 2 ** 24 });
  const line = "x".repeat(1023);
  for (let n = 0; n < 1030; n++) file.write(line);
  assert.equal(file.dropped, 6);
  await clock.advance(40);
  await file.flush();
  assert.equal(files.text(PATH)?.length, 1024 * 1024);
  assert.deepEqual(recoveries, [{ lines: 6, reason: "the disk was slower than the log" }]);
});
