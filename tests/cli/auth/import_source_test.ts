import assert from "node:assert/strict";
import { type ImportSource, readLogin } from "../../../src/cli/auth/import_source.ts";
import type { World } from "../../../src/cli/world.ts";
import { UserError } from "../../../src/values/user_error.ts";
import { FakeTerminal } from "../../support/fake_terminal.ts";
import { codexLogin } from "../../support/login.ts";
import { MemoryFiles } from "../../support/memory_files.ts";

const FILES = {
  "/home/ann/.codex/auth.json": codexLogin({ email: "codex@example.com" }),
  "/other/auth.json": codexLogin({ email: "other@example.com" }),
  "/work.json": codexLogin({ email: undefined }),
  "/broken.json": "{",
};

/** What of the world is used here. */
function aWorld(over: { env?: Record<string, string>; stdin?: string; isTerminal?: boolean } = {}): World {
  const terminal = Object.assign(new FakeTerminal(), {
    inText: over.stdin ?? "",
    inIsTerminal: over.isTerminal ?? false,
  });
  const parts = { files: new MemoryFiles(FILES), terminal, env: over.env ?? {}, homeFolder: "/home/ann" };
  return parts as Partial<World> as World;
}

function read(source: Partial<ImportSource>, world = aWorld()) {
  return readLogin(world, { file: undefined, apiKeyStdin: false, ...source });
}

Deno.test("readLogin() takes the login of Codex when nothing is named", async () => {
  assert.equal((await read({})).record.email, "codex@example.com");
  assert.equal((await read({}, aWorld({ env: { CODEX_HOME: "/other" } }))).record.email, "other@example.com");
});

Deno.test("readLogin() remembers the file's name for a login without an e-mail", async () => {
  const { fallbackName, record } = await read({ file: "/work.json" });
  assert.deepEqual([fallbackName, record.email], ["work", undefined]);
});

Deno.test("readLogin() reads an API key from a pipe, and asks for it on a terminal", async () => {
  const isTerminal = aWorld({ stdin: "sk-1\n", isTerminal: true });
  for (const world of [aWorld({ stdin: "sk-1\n" }), isTerminal]) {
    assert.equal((await read({ apiKeyStdin: true }, world)).record.token.reveal(), "sk-1");
  }
  assert.equal((isTerminal.terminal as FakeTerminal).errText, "API key (not shown): ");
});

const FAILURES: {
  when: string;
  source: Partial<ImportSource>;
  world?: World;
  says: RegExp;
  exitCode: number;
}[] = [
  {
    when: "Codex is not logged in",
    source: {},
    world: aWorld({ env: { CODEX_HOME: "/none" } }),
    says: /there is no \/none\/auth\.json$/,
    exitCode: 1,
  },
  {
    when: "the file is not there",
    source: { file: "/none.json" },
    says: /^Cannot import \/none\.json: no such file/,
    exitCode: 1,
  },
  { when: "the file is a folder", source: { file: "/other" }, says: /is a directory$/, exitCode: 1 },
  {
    when: "the file is broken",
    source: { file: "/broken.json" },
    says: /^Cannot import \/broken\.json: not valid JSON$/,
    exitCode: 1,
  },
  { when: "standard input is empty", source: { apiKeyStdin: true }, says: /it is empty$/, exitCode: 1 },
  {
    when: "standard input is not a key",
    source: { apiKeyStdin: true },
    world: aWorld({ stdin: "sk-1 sk-2" }),
    says: /more than one key, or something else$/,
    exitCode: 1,
  },
  {
    when: "two sources are named",
    source: { file: "/work.json", apiKeyStdin: true },
    says: /at once$/,
    exitCode: 2,
  },
];

for (const { when, source, world, says, exitCode } of FAILURES) {
  Deno.test(`readLogin() fails with ${exitCode} when ${when}`, async () => {
    await assert.rejects(read(source, world), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, says);
      assert.equal(error.exitCode, exitCode);
      return true;
    });
  });
}
