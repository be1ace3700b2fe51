import assert from "node:assert/strict";
import { isPrivateName, privateMode, tidiedEvent, tidyAuthDir } from "../../src/runtime/tidy.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeProcesses } from "../support/fake_processes.ts";
import { MemoryFiles } from "../support/memory_files.ts";

/** `[kind, mode, mode that it should have]` */
const MODES: readonly ["file" | "folder" | "other", number, number | undefined][] = [
  ["file", 0o600, undefined],
  ["file", 0o400, undefined],
  ["file", 0, undefined],
  ["file", 0o644, 0o600],
  ["file", 0o640, 0o600],
  ["file", 0o666, 0o600],
  ["file", 0o755, 0o700],
  ["file", 0o601, 0o600],
  ["folder", 0o700, undefined],
  ["folder", 0o755, undefined],
  ["folder", 0o775, 0o755],
  ["folder", 0o777, 0o755],
  ["folder", 0o733, 0o711],
  ["other", 0o666, undefined],
];

for (const [kind, mode, wanted] of MODES) {
  Deno.test(`privateMode() of a ${kind} with ${mode.toString(8)}: ${wanted?.toString(8) ?? "fine"}`, () => {
    assert.equal(privateMode({ kind, mode }), wanted);
  });
}

Deno.test("isPrivateName() knows keys, settings and what the proxy keeps", () => {
  const isPrivate = [".env", "work.json", "WORK.JSON", "rr_proxy_v2.log", "rr_proxy_v2.events.jsonl.1"];
  const isNot = ["readme.md", "rr_proxy", "env", ".gitignore", "json"];
  assert.deepEqual([...isPrivate, ...isNot].filter(isPrivateName), isPrivate);
});

const AUTH_DIR = "/keys";

async function tidied(files: MemoryFiles, processes = new FakeProcesses()) {
  return await tidyAuthDir({ files, processes, clock: new FakeClock(), authDir: AUTH_DIR });
}

Deno.test("tidyAuthDir() makes private what is not, and leaves the rest alone", async () => {
  const files = new MemoryFiles();
  files.put("/keys/.env", "", 0o644);
  files.put("/keys/work.json", "", 0o640);
  files.put("/keys/home.json", "", 0o600);
  files.put("/keys/notes.txt", "", 0o644);
  files.put("/else/where.json", "", 0o644);
  files.link("/keys/linked.json", "/else/where.json");
  assert.deepEqual(await tidied(files), { tightened: [".env", "work.json"], exposed: [], removed: [] });
  const modes = [".env", "work.json", "home.json", "notes.txt"].map(async (name) =>
    (await files.info(`/keys/${name}`))!.mode
  );
  assert.deepEqual(await Promise.all(modes), [0o600, 0o600, 0o600, 0o644]);
  assert.equal((await files.info("/else/where.json"))!.mode, 0o644);
  assert.deepEqual(await tidied(files), { tightened: [], exposed: [], removed: [] });
});

Deno.test("tidyAuthDir() says what it may not change", async () => {
  class OthersFiles extends MemoryFiles {
    override setMode(path: string): Promise<void> {
      this.failAt(path, "denied");
      return super.setMode(path, 0);
    }
  }
  const files = new OthersFiles();
  files.put("/keys/.env", "", 0o644);
  assert.deepEqual(await tidied(files), { tightened: [], exposed: [".env"], removed: [] });
});

Deno.test("tidyAuthDir() removes what interrupted writes have left, and nothing that is being written", async () => {
  const clock = new FakeClock();
  const processes = new FakeProcesses();
  processes.run(77);
  const files = new MemoryFiles();
  const left = [".env.5-0a1b2c3d.tmp", "rr_proxy_v2.state.json.4-00000000.tmp", "work.json.6-ffffffff.tmp"];
  const kept = ["work.json.77-0a1b2c3d.tmp", "young.json.5-0a1b2c3d.tmp", "my.tmp", "a.json.5-0a1b2c3.tmp"];
  for (const name of [...left, ...kept]) files.put(`/keys/${name}`, "{");
  files.modified.set("/keys/young.json.5-0a1b2c3d.tmp", clock.nowMs() - 1_000);
  assert.deepEqual((await tidied(files, processes)).removed, left);
  assert.deepEqual(await files.list(AUTH_DIR), [...kept].sort());
});

Deno.test("tidyAuthDir() survives a folder that is gone or cannot be read", async () => {
  const nothing = { tightened: [], exposed: [], removed: [] };
  assert.deepEqual(await tidied(new MemoryFiles()), nothing);
  const files = new MemoryFiles({ "/keys/work.json": "" });
  files.failAt(AUTH_DIR, "other");
  assert.deepEqual(await tidied(files), nothing);
});

Deno.test("tidiedEvent() says in one sentence what was done, and nothing when nothing was", () => {
  assert.equal(tidiedEvent({ tightened: [], exposed: [], removed: [] }, 0), undefined);
  const names = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `${name}.json`);
  const event = tidiedEvent({ tightened: [".", ...names], exposed: [".env"], removed: ["x"] }, 5)!;
  assert.deepEqual([event.atMs, event.level, event.message], [
    5,
    "warning",
    "other users could reach the auth dir, a.json, b.json, c.json, d.json and 3 more; now only you can; " +
    "other users can reach .env, and cdx2 may not change that: use chmod go-rwx; " +
    "leftovers of interrupted writes removed: 1",
  ]);
  assert.equal(tidiedEvent({ tightened: [], exposed: [], removed: ["x"] }, 5)!.level, "info");
});

Deno.test("tidyAuthDir() waits with auth files, and with nothing that a start writes itself", async () => {
  const files = new MemoryFiles({ "/auths/.env": "A=1\n", "/auths/a.json": "{}" });
  for (const path of ["/auths/.env", "/auths/a.json"]) await files.setMode(path, 0o644);
  const listening = Promise.withResolvers<void>();
  const clock = new FakeClock();
  const tidying = tidyAuthDir({
    files,
    processes: new FakeProcesses(1),
    clock,
    authDir: "/auths",
    keysAfter: listening.promise,
  });
  await clock.advance(0);
  const modeOf = async (path: string) => (await files.info(path))?.mode;
  assert.deepEqual([await modeOf("/auths/.env"), await modeOf("/auths/a.json")], [0o600, 0o644]);
  listening.resolve();
  assert.deepEqual((await tidying).tightened, [".env", "a.json"]);
});
