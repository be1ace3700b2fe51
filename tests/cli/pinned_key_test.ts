import assert from "node:assert/strict";
import { loadAuthDir } from "../../src/auth/store.ts";
import { pinnedFile } from "../../src/cli/pinned_key.ts";
import { UserError } from "../../src/values/user_error.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const LISTING = await loadAuthDir(
  new MemoryFiles({
    "/keys/work.json": '{"token":"a","alias":"main"}',
    "/keys/off.json": '{"token":"b","disabled":true}',
    "/keys/broken.json": "{",
  }),
  "/keys",
);

Deno.test("pinnedFile() is the file of a key that requests may get", () => {
  for (const name of ["work", "work.json", "MAIN"]) {
    assert.equal(pinnedFile(LISTING, name), "work.json");
  }
});

/** `[name, the error, its hint]` */
const REFUSED: [string, string, string | undefined][] = [
  ["off", "Cannot use the key off.json: it is disabled", 'enable it with "cdx2 auth enable off.json"'],
  ["broken", "Cannot use the key broken.json: not valid JSON", undefined],
  [
    "none",
    'Cannot use the key: no key is called "none"',
    "the keys are off.json, work.json (main), broken.json",
  ],
];

for (const [name, message, hint] of REFUSED) {
  Deno.test(`pinnedFile() refuses ${name}`, () => {
    assert.throws(() => pinnedFile(LISTING, name), (error) => {
      assert.ok(error instanceof UserError);
      assert.deepEqual([error.message, error.hint], [message, hint]);
      return true;
    });
  });
}
