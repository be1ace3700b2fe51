import assert from "node:assert/strict";
import { impatientFiles } from "../../src/system/impatient_files.ts";
import type { Files } from "../../src/system/files.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const PATH = "/keys/work.json";
const NEVER = new Proxy({}, { get: () => () => new Promise(() => {}) }) as Files;

const ACTS: readonly [string, (files: Files) => Promise<unknown>][] = [
  ["readText", (files) => files.readText(PATH)],
  ["readHead", (files) => files.readHead(PATH, 1)],
  ["readTail", (files) => files.readTail(PATH, 1)],
  ["info", (files) => files.info(PATH)],
  ["list", (files) => files.list(PATH)],
  ["realPath", (files) => files.realPath(PATH)],
  ["makeFolder", (files) => files.makeFolder(PATH)],
  ["writeAtomic", (files) => files.writeAtomic(PATH, "")],
  ["writeDurable", (files) => files.writeDurable(PATH, "")],
  ["createEmpty", (files) => files.createEmpty(PATH)],
  ["openAppend", (files) => files.openAppend(PATH)],
  ["append", (files) => files.append(PATH, new Uint8Array(1))],
  ["rename", (files) => files.rename(PATH, "/keys/other.json")],
  ["remove", (files) => files.remove(PATH)],
  ["setMode", (files) => files.setMode(PATH, 0o600)],
  ["tryLock", (files) => files.tryLock(PATH, "")],
];

for (const [what, act] of ACTS) {
  Deno.test(`impatientFiles() gives up ${what}() on a disk that does not answer`, async () => {
    const clock = new FakeClock();
    const acting = act(impatientFiles(NEVER, clock, 10_000));
    acting.catch(() => {});
    await clock.advance(10_000);
    await assert.rejects(acting, { name: "FileError", message: `${PATH}: the disk does not answer` });
    assert.equal(clock.pendingTimers, 0);
  });
}

Deno.test("impatientFiles() does what the files do, and fails as they do", async () => {
  const clock = new FakeClock();
  const files = impatientFiles(new MemoryFiles({ [PATH]: "text" }), clock, 10_000);
  assert.equal(await files.readText(PATH), "text");
  assert.equal(await files.info("/nothing"), undefined);
  await assert.rejects(files.readText("/nothing"), { code: "not_found" });
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("impatientFiles() waits for a lock as long as another has it", async () => {
  const clock = new FakeClock();
  const disk = new MemoryFiles({ [PATH]: "" });
  const first = await disk.lock(PATH);
  const waiting = impatientFiles(disk, clock, 10_000).lock(PATH);
  await clock.advance(60_000);
  first.release();
  (await waiting).release();
});
