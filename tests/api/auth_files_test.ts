import assert from "node:assert/strict";
import { authFiles } from "../../src/api/auth_files.ts";
import { aManagedProxy } from "../support/managed_proxy.ts";
import { assertIs, readAs } from "../support/pages.ts";

Deno.test("GET /auth-files answers what is declared, and nothing else", async () => {
  const { body } = await aManagedProxy().ask("GET /auth-files");
  assert.equal(body.files.length, 2);
  assertIs(authFiles, body);
});

Deno.test("an auth file of an older proxy reads without the fields that it does not have", () => {
  const [file] = readAs(authFiles, { files: [{ file: "a" }] }).files;
  const { usable, reason, fingerprint } = file!;
  assert.deepEqual({ usable, reason, fingerprint }, { usable: false, reason: null, fingerprint: null });
});
