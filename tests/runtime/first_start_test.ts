import assert from "node:assert/strict";
import { UserError } from "../../src/values/user_error.ts";
import {
  keepInEnvFile,
  keptManagementKey,
  prepareAuthDir,
  settledManagementKey,
} from "../../src/runtime/first_start.ts";
import { MemoryFiles } from "../support/memory_files.ts";
import { AUTH_DIR, someSettings } from "../support/service_world.ts";

const ENV_FILE = `${AUTH_DIR}/.env`;
const { settings } = someSettings({ env: { CLIPROXY_MANAGEMENT_KEY: "" } });

function filesWith(texts: Readonly<Record<string, string>> = {}): MemoryFiles {
  return new MemoryFiles({ [`${AUTH_DIR}/work.json`]: "{}", ...texts });
}

Deno.test("prepareAuthDir() makes a folder that is missing", async () => {
  const files = new MemoryFiles();
  await prepareAuthDir(files, "/home/ann/.codex/_auths");
  assert.equal((await files.info("/home/ann/.codex/_auths"))?.kind, "folder");
});

const UNUSABLE: readonly { when: string; files: () => MemoryFiles; says: RegExp }[] = [
  {
    when: "it is a file",
    files: () => new MemoryFiles({ [AUTH_DIR]: "" }),
    says: /\/keys: it is not a folder/,
  },
  {
    when: "it cannot be read",
    files: () => {
      const files = filesWith();
      files.failAt(AUTH_DIR, "denied");
      return files;
    },
    says: /\/keys: permission denied/,
  },
];

for (const { when, files, says } of UNUSABLE) {
  Deno.test(`prepareAuthDir() refuses the auth dir when ${when}`, async () => {
    await assert.rejects(prepareAuthDir(files(), AUTH_DIR), (error) => {
      assert(error instanceof UserError);
      assert.match(error.message, says);
      assert.equal(error.exitCode, 2);
      return true;
    });
  });
}

Deno.test("settledManagementKey() makes a key once and keeps it", async () => {
  const files = filesWith({ [ENV_FILE]: "# mine\nCLIPROXY_PORT=9000\n" });
  const first = await settledManagementKey(files, settings, () => "made-first");
  const second = await settledManagementKey(files, settings, () => "made-second");
  assert.deepEqual([first.reveal(), second.reveal()], ["made-first", "made-first"]);
  assert.equal(files.text(ENV_FILE), "# mine\nCLIPROXY_PORT=9000\nCLIPROXY_MANAGEMENT_KEY=made-first\n");
});

Deno.test("settledManagementKey() takes a key that is set and writes nothing", async () => {
  const files = filesWith();
  const given = someSettings({ flags: { managementKey: "from-the-flag" } }).settings;
  const key = await settledManagementKey(files, given, () => assert.fail("made another one"));
  assert.equal(key.reveal(), "from-the-flag");
  assert.equal(files.text(ENV_FILE), undefined);
});

Deno.test("keptManagementKey() is undefined as long as .env names none", async () => {
  assert.equal(await keptManagementKey(filesWith(), settings), undefined);
  assert.equal(
    await keptManagementKey(filesWith({ [ENV_FILE]: "CLIPROXY_MANAGEMENT_KEY=\n" }), settings),
    undefined,
  );
});

Deno.test("keepInEnvFile() writes to the file behind a link and leaves the link", async () => {
  const files = filesWith({ "/dotfiles/env": "A=1\n" });
  files.link(ENV_FILE, "/dotfiles/env");
  await keepInEnvFile(files, settings, "port", "8317");
  assert.equal(files.text("/dotfiles/env"), "A=1\nCLIPROXY_PORT=8317\n");
});

Deno.test("keepInEnvFile() says which setting could not be kept, and why", async () => {
  const files = filesWith({ [ENV_FILE]: "" });
  files.failAt(ENV_FILE, "no_space");
  await assert.rejects(keepInEnvFile(files, settings, "port", "8317"), {
    name: "UserError",
    message: "Cannot keep port in the env file /keys/.env: no space left on device",
  });
});

Deno.test("keepInEnvFile() leaves a file alone whose bytes it would not keep", async () => {
  const text = "# cl\uFFFD\n";
  const files = filesWith({ [ENV_FILE]: text });
  await assert.rejects(keepInEnvFile(files, settings, "port", "8317"), {
    name: "UserError",
    message: "Cannot keep port in the env file /keys/.env: it is not UTF-8 text",
  });
  assert.equal(files.text(ENV_FILE), text);
});
