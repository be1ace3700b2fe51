import assert from "node:assert/strict";
import { systemFiles as files } from "../../src/system/files.ts";
import { openGrowing } from "../../src/system/growing_file.ts";
import { refusePipe } from "../../src/system/pipe.ts";
import { inFolder } from "../support/temp_folder.ts";

const ACTS: readonly [string, (path: string) => Promise<unknown>][] = [
  ["readText()", (path) => files.readText(path)],
  ["readHead()", (path) => files.readHead(path, 10)],
  ["readTail()", (path) => files.readTail(path, 10)],
  ["openAppend()", (path) => files.openAppend(path)],
  ["tryLock()", (path) => files.tryLock(path, "")],
  ["lock()", (path) => files.lock(path)],
  ["openGrowing()", (path) => openGrowing(path, 10)],
];

for (const [what, act] of ACTS) {
  Deno.test({
    name: `${what} refuses a pipe instead of waiting for its other side`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      inFolder(async (folder) => {
        await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
        await assert.rejects(act(`${folder}/pipe`), {
          name: "FileError",
          message: `${folder}/pipe: it is a pipe, not a file`,
        });
      }),
  });
}

Deno.test("refusePipe() lets files, folders, devices, nothing and the pipes of a shell pass", async () => {
  for (const path of [import.meta.filename!, "/", "/dev/null", "/nothing/here", "/dev/fd/0"]) {
    await refusePipe(path);
  }
});
