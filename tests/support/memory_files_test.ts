// Tests that rest on MemoryFiles are worth as much as its likeness to a disk: both go through the same steps here.

import assert from "node:assert/strict";
import { FileError, type Files, systemFiles } from "../../src/system/files.ts";
import { MemoryFiles } from "./memory_files.ts";

type Step = (files: Files, root: string) => Promise<unknown>;

async function append(files: Files, path: string, text: string): Promise<number> {
  const file = await files.openAppend(path);
  await file.write(new TextEncoder().encode(text));
  file.close();
  return file.sizeBytes;
}

const STEPS: readonly (readonly [string, Step])[] = [
  ["make a folder", (files, root) => files.makeFolder(`${root}/a/b`)],
  ["make it again", (files, root) => files.makeFolder(`${root}/a/b`)],
  ["write", (files, root) => files.writeAtomic(`${root}/a/one`, "zwölf")],
  ["write where there is no folder", (files, root) => files.writeAtomic(`${root}/no/one`, "x")],
  ["read", (files, root) => files.readText(`${root}/a/one`)],
  ["write a byte order mark", (files, root) => files.writeAtomic(`${root}/a/bom`, "\uFEFFx")],
  ["read it", (files, root) => files.readText(`${root}/a/bom`)],
  ["read nothing", (files, root) => files.readText(`${root}/a/none`)],
  ["read a folder", (files, root) => files.readText(`${root}/a`)],
  [
    "read the beginning",
    async (files, root) => new TextDecoder().decode(await files.readHead(`${root}/a/one`, 2)),
  ],
  ["read the end", async (files, root) => {
    const { bytes, startsAt } = await files.readTail(`${root}/a/one`, 3);
    return { text: new TextDecoder().decode(bytes), startsAt };
  }],
  ["append to nothing", (files, root) => append(files, `${root}/a/log`, "one\n")],
  ["append", (files, root) => append(files, `${root}/a/log`, "two\n")],
  ["append where there is no folder", (files, root) => append(files, `${root}/no/log`, "x")],
  ["take a name", (files, root) => files.createEmpty(`${root}/a/taken`)],
  ["take a name that is taken", (files, root) => files.createEmpty(`${root}/a/one`)],
  ["read what was taken", (files, root) => files.readText(`${root}/a/taken`)],
  ["take a name where there is no folder", (files, root) => files.createEmpty(`${root}/no/one`)],
  ["list", (files, root) => files.list(`${root}/a`)],
  ["list nothing", (files, root) => files.list(`${root}/none`)],
  ["list a file", (files, root) => files.list(`${root}/a/one`)],
  ["inform", async (files, root) => {
    const { kind, sizeBytes, mode } = (await files.info(`${root}/a/log`))!;
    return { kind, sizeBytes, mode };
  }],
  ["inform about nothing", (files, root) => files.info(`${root}/a/none`)],
  ["move", (files, root) => files.rename(`${root}/a/log`, `${root}/a/one`)],
  ["read what was moved over", (files, root) => files.readText(`${root}/a/one`)],
  ["move nothing", (files, root) => files.rename(`${root}/a/none`, `${root}/a/x`)],
  ["resolve nothing", (files, root) => files.realPath(`${root}/a/none`)],
  ["remove", (files, root) => files.remove(`${root}/a/one`)],
  ["remove nothing", (files, root) => files.remove(`${root}/a/one`)],
  ["list what is left", (files, root) => files.list(`${root}/a`)],
];

async function resultOf(step: Step, files: Files, root: string): Promise<unknown> {
  try {
    return await step(files, root);
  } catch (error) {
    if (error instanceof FileError) return `fails: ${error.code}`;
    throw error;
  }
}

Deno.test("MemoryFiles does what the disk does", async () => {
  const root = await Deno.makeTempDir();
  try {
    const memory = new MemoryFiles({ "/base/x": "" });
    for (const [name, step] of STEPS) {
      const expected = await resultOf(step, systemFiles, root);
      assert.deepEqual(await resultOf(step, memory, "/base"), expected, name);
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("MemoryFiles changes the revision with each write and each replacement", async () => {
  const files = new MemoryFiles({ "/a": "1" });
  const revisions = [(await files.info("/a"))!.revision];
  files.put("/a", "2");
  revisions.push((await files.info("/a"))!.revision);
  await files.writeAtomic("/a", "3");
  revisions.push((await files.info("/a"))!.revision);
  await append(files, "/a", "");
  revisions.push((await files.info("/a"))!.revision);
  assert.equal(new Set(revisions).size, revisions.length);
});
