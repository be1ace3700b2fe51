import assert from "node:assert/strict";
import { FileError, type FileErrorCode, named } from "../../src/system/file_error.ts";

const ERRORS: readonly [unknown, FileErrorCode, string][] = [
  [
    new Deno.errors.NotFound("No such file or directory (os error 2): open '/a'"),
    "not_found",
    "no such file or directory",
  ],
  [new Deno.errors.PermissionDenied("Permission denied (os error 13)"), "denied", "permission denied"],
  [new Deno.errors.NotADirectory("Not a directory (os error 20)"), "not_a_folder", "not a directory"],
  [new Deno.errors.IsADirectory("Is a directory (os error 21)"), "is_a_folder", "is a directory"],
  [new Error("No space left on device (os error 28)"), "no_space", "no space left on device"],
  [new Error("Disk quota exceeded (os error 122)"), "no_space", "disk quota exceeded"],
  [new Error("Too many open files (os error 24)"), "no_descriptors", "too many open files"],
  [new Error("Input/output error (os error 5)"), "other", "input/output error"],
];

for (const [error, code, reason] of ERRORS) {
  Deno.test(`named() reads ${String(error)} as ${code}`, async () => {
    await assert.rejects(named("/keys/x", () => Promise.reject(error)), {
      name: "FileError",
      code,
      message: `/keys/x: ${reason}`,
    });
  });
}

Deno.test("named() leaves a FileError as it is, and what succeeds", async () => {
  const inner = new FileError("denied", "/inner: permission denied");
  await assert.rejects(named("/outer", () => Promise.reject(inner)), (error) => error === inner);
  assert.equal(await named("/outer", () => Promise.resolve(7)), 7);
});
