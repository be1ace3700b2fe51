import assert from "node:assert/strict";
import { loadAuthFile } from "../../src/auth/auth_file_load.ts";
import type { FileInfo } from "../../src/system/files.ts";
import { asPort, MemoryFiles } from "../support/memory_files.ts";

const DIR = "/auths";

function aPlace(name: string, found?: FileInfo) {
  return { authDir: DIR, realFolder: DIR, name, found };
}

Deno.test("loadAuthFile() gives a key with its file, or the reason why there is none", async () => {
  const files = new MemoryFiles({ [`${DIR}/a.json`]: '{"token":"t"}', [`${DIR}/b.json`]: "[]" });
  const { parsed, keyFile } = await loadAuthFile(asPort(files), aPlace("a.json"));
  assert.ok(parsed.kind === "key");
  assert.deepEqual([keyFile?.path, keyFile?.text, keyFile?.links], [`${DIR}/a.json`, '{"token":"t"}', 1]);
  for (const name of ["b.json", "none.json", "a.JSON"]) {
    const bad = await loadAuthFile(asPort(files), aPlace(name));
    assert.deepEqual([bad.parsed.kind, bad.keyFile], ["rejected", undefined]);
  }
});

Deno.test("loadAuthFile() says that a name is not UTF-8, by which the system then does not know the file", async () => {
  const { parsed } = await loadAuthFile(asPort(new MemoryFiles()), aPlace("a\ufffdb.json"));
  assert.equal("reason" in parsed && parsed.reason, "its name is not UTF-8; rename it");
});

Deno.test("loadAuthFile() believes what was just found there, and resolves a link in any case", async () => {
  const files = new MemoryFiles({ [`${DIR}/a.json`]: '{"token":"t"}', "/other/x.json": '{"token":"x"}' });
  files.link(`${DIR}/out.json`, "/other/x.json");
  const found = (await asPort(files).info(`${DIR}/a.json`))!;
  const large = await loadAuthFile(asPort(files), aPlace("a.json", { ...found, sizeBytes: 2 ** 21 }));
  assert.equal("reason" in large.parsed && large.parsed.reason, "larger than 1 MiB");
  const out = await loadAuthFile(
    asPort(files),
    aPlace("out.json", await asPort(files).info(`${DIR}/out.json`)),
  );
  assert.equal("reason" in out.parsed && out.parsed.reason, "a link that leads out of the auth dir");
});
