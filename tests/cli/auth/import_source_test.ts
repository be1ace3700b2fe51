import assert from "node:assert/strict";
import { type ImportSource, readSource } from "../../../src/cli/auth/import_source.ts";
import type { World } from "../../../src/cli/world.ts";
import { UserError } from "../../../src/values/user_error.ts";
import { FakeProcesses } from "../../support/fake_processes.ts";
import { FakeTerminal } from "../../support/fake_terminal.ts";
import { codexLogin } from "../../support/login.ts";
import { MemoryFiles } from "../../support/memory_files.ts";

const FILES = {
  "/home/ann/.codex/auth.json": codexLogin({ email: "codex@example.com" }),
  "/other/auth.json": codexLogin({ email: "other@example.com" }),
  "/empty/config.toml": "",
  "/keys/a.json": codexLogin(),
  "/broken.json": "{",
};
/** What of the world is used here. */
function aWorld(over: { env?: Record<string, string>; stdin?: string; isTerminal?: boolean } = {}): World {
  const terminal = Object.assign(new FakeTerminal(), {
    inText: over.stdin ?? "",
    inIsTerminal: over.isTerminal ?? false,
  });
  const processes = new FakeProcesses();
  const files = new MemoryFiles(FILES);
  const parts = { files, terminal, processes, env: over.env ?? {}, homeFolder: "/home/ann" };
  return parts as Partial<World> as World;
}

function read(source: Partial<ImportSource>, world = aWorld()) {
  return readSource(world, { file: undefined, apiKeyStdin: false, authDir: "/keys", ...source });
}

Deno.test("readSource() takes the login of Codex when nothing is named", async () => {
  const { place, isCodexs, fallbackName, paths } = await read({});
  assert.deepEqual([isCodexs, fallbackName, paths], [true, "codex", [place]]);
  assert.equal((await read({}, aWorld({ env: { CODEX_HOME: "/other" } }))).place, "/other/auth.json");
});

Deno.test("readSource() knows the login of Codex under any path, and a file of the auth dir", async () => {
  const world = aWorld();
  (world.files as MemoryFiles).link("/link.json", "/home/ann/.codex/auth.json");
  const { isCodexs, paths } = await read({ file: "/link.json" }, world);
  assert.deepEqual([isCodexs, paths], [true, ["/link.json", "/home/ann/.codex/auth.json"]]);
  const other = await read({ file: "/other/auth.json" });
  assert.deepEqual([other.isCodexs, other.isInAuthDir], [false, false]);
  assert.equal((await read({ file: "/keys/a.json" })).isInAuthDir, true);
});

Deno.test("readSource() reads the keyring where Codex has no file", async () => {
  const world = aWorld({ env: { CODEX_HOME: "/empty" } });
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("/empty")));
  const user = `cli|${hash.toHex().slice(0, 16)}`;
  (world.processes as FakeProcesses).outputs.set(
    `secret-tool lookup service Codex Auth username ${user}`,
    codexLogin(),
  );
  const { place, isCodexs, paths, logins } = await read({}, world);
  assert.deepEqual([place, isCodexs, paths, logins.length], ["Codex's entry in the keyring", true, [], 1]);
});

Deno.test("readSource() reads all kinds of logins from standard input", async () => {
  const { logins, place } = await read({ file: "-" }, aWorld({ stdin: "at-one\nat-two\n" }));
  assert.deepEqual([logins.length, place], [2, "standard input"]);
});

Deno.test("readSource() reads an API key from a pipe, and asks for it on a terminal", async () => {
  const onTerminal = aWorld({ stdin: "sk-1\n", isTerminal: true });
  for (const world of [aWorld({ stdin: "sk-1\n" }), onTerminal]) {
    const [login] = (await read({ apiKeyStdin: true }, world)).logins;
    assert.ok(login?.kind === "usable");
    assert.match(login.text.reveal(), /"sk-1"/);
  }
  assert.equal((onTerminal.terminal as FakeTerminal).errText, "API key (not shown): ");
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
  { when: "standard input is empty", source: { apiKeyStdin: true }, says: /it is empty$/, exitCode: 1 },
  { when: "nothing is piped in", source: { file: "-" }, says: /it is empty$/, exitCode: 1 },
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
  Deno.test(`readSource() fails with ${exitCode} when ${when}`, async () => {
    await assert.rejects(read(source, world), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, says);
      assert.equal(error.exitCode, exitCode);
      return true;
    });
  });
}
