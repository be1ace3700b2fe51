import assert from "node:assert/strict";
import { FileError } from "../../src/system/files.ts";
import { type GrowingFile, openGrowing } from "../../src/system/growing_file.ts";
import { inFolder } from "../support/temp_folder.ts";

/** Runs `act` with the path of a log in a folder that is removed afterwards. */
function withLog(act: (path: string) => Promise<void>): Promise<void> {
  return inFolder((folder) => act(`${folder}/the.log`));
}

async function textFrom(file: GrowingFile | undefined): Promise<string> {
  return new TextDecoder().decode(await file!.readMore());
}

Deno.test("openGrowing() reads the file, then what was added", () =>
  withLog(async (path) => {
    const text = "line\n".repeat(50_000);
    await Deno.writeTextFile(path, text);
    const file = await openGrowing(path, Infinity);
    assert.equal(await textFrom(file), text);
    assert.equal(await textFrom(file), "");
    await Deno.writeTextFile(path, "more\n", { append: true });
    assert.equal(await textFrom(file), "more\n");
    assert.equal(file!.startsWithinLine, false);
    file!.close();
  }));

const STARTS: [lastBytes: number, text: string, isWithinLine: boolean][] = [
  [100, "one\ntwo\n", false],
  [6, "e\ntwo\n", true],
  [4, "two\n", false],
  [0, "", false],
];

for (const [lastBytes, text, isWithinLine] of STARTS) {
  Deno.test(`openGrowing() begins ${lastBytes} bytes before the end`, () =>
    withLog(async (path) => {
      await Deno.writeTextFile(path, "one\ntwo\n");
      const file = await openGrowing(path, lastBytes);
      assert.equal(file!.startsWithinLine, isWithinLine);
      assert.equal(await textFrom(file), text);
      file!.close();
    }));
}

Deno.test("openGrowing() is undefined without a file, and rejects with a FileError when it cannot read", () =>
  withLog(async (path) => {
    assert.equal(await openGrowing(path, 10), undefined);
    await assert.rejects(openGrowing(`${path}\0`, 10), FileError);
  }));

const CHANGES: { what: string; change: (path: string) => Promise<void>; isReplaced: boolean }[] = [
  {
    what: "is appended to",
    change: (path) => Deno.writeTextFile(path, "x", { append: true }),
    isReplaced: false,
  },
  { what: "is moved away", change: (path) => Deno.rename(path, `${path}.1`), isReplaced: false },
  {
    what: "is moved away and made again",
    change: async (path) => {
      await Deno.rename(path, `${path}.1`);
      await Deno.writeTextFile(path, "longer than before\n");
    },
    isReplaced: true,
  },
  { what: "is cut", change: (path) => Deno.truncate(path, 1), isReplaced: true },
];

for (const { what, change, isReplaced } of CHANGES) {
  Deno.test(`wasReplaced() is ${isReplaced} for a file that ${what}`, () =>
    withLog(async (path) => {
      await Deno.writeTextFile(path, "one\n");
      const file = await openGrowing(path, Infinity);
      await file!.readMore();
      await change(path);
      assert.equal(await file!.wasReplaced(), isReplaced);
      file!.close();
    }));
}
