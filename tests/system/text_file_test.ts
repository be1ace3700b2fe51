// What else can fail with files is in files_test.ts.

import assert from "node:assert/strict";
import { FileError, isMissing } from "../../src/system/file_error.ts";
import { readText, readTextNow } from "../../src/system/text_file.ts";
import { inFolder } from "../support/temp_folder.ts";

Deno.test("readText() reads a file, and says of another path why it cannot", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a`;
    await assert.rejects(readText(path), isMissing);
    await Deno.writeTextFile(path, "text €");
    assert.equal(await readText(path), "text €");
    await assert.rejects(readText(folder), (error) => {
      return error instanceof FileError && error.code === "is_a_folder" && error.message.startsWith(folder);
    });
  }));

Deno.test({
  name: "readText() and readTextNow() do not wait at a pipe",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
      await assert.rejects(readText(`${folder}/pipe`), /it is a pipe, not a file/);
      assert.throws(() => readTextNow(`${folder}/pipe`), /it is not a file/);
    }),
});

Deno.test("readTextNow() reads a file, and tells one that is missing from one that cannot be read", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a`;
    assert.equal(readTextNow(path), undefined);
    await Deno.writeTextFile(path, "text €");
    assert.equal(readTextNow(path), "text €");
    assert.throws(() => readTextNow(folder));
    assert.throws(() => readTextNow(`${path}/b`));
  }));
