import assert from "node:assert/strict";
import { listKeys } from "../../src/auth/folder.ts";
import { withEntry } from "../../src/auth/kept_tokens.ts";
import { upstreamsOfKeys } from "../../src/auth/upstreams_of_keys.ts";
import { keptFiles } from "../../src/keyring/kept_files.ts";
import { FakeKeyring } from "../support/fake_keyring.ts";
import { codexLogin } from "../support/login.ts";
import { asPort, MemoryFiles } from "../support/memory_files.ts";

const DIR = "/keys";

Deno.test("upstreamsOfKeys() names each upstream once, and not those of files that give no key", async () => {
  const own = (token: string, upstream: string) => JSON.stringify({ token, upstream });
  const files = new MemoryFiles({
    [`${DIR}/a.json`]: codexLogin(),
    [`${DIR}/b.json`]: own("b", "https://api.openai.com/v1"),
    [`${DIR}/c.json`]: own("c", "https://api.openai.com/v1/"),
    [`${DIR}/d.json`]: own("d", "http://api.openai.com/v1"),
    [`${DIR}/e.json`]: String.raw`{"token":"e","\u0075pstream":"https://escaped.example/v1"}`,
    [`${DIR}/f.json`]: '{"token":"f","note":"upstream"}',
  });
  assert.deepEqual(await upstreamsOfKeys(files, DIR), [
    "https://api.openai.com/v1",
    "https://escaped.example/v1",
  ]);
  assert.deepEqual(await upstreamsOfKeys(files, "/none"), []);
});

Deno.test("upstreamsOfKeys() names the upstream of a key whose tokens are in a locked keyring", async () => {
  const files = new MemoryFiles({ [`${DIR}/notes.txt`]: "" });
  const keyring = new FakeKeyring();
  const kept = keptFiles(asPort(files), keyring);
  const inKeyring = (upstream: string) => withEntry(JSON.stringify({ token: "t", upstream }), "entry123");
  for (const [name, upstream] of [["a", "https://lab.example/v1"], ["b", "http://lab.example/v1"]] as const) {
    await kept.writeDurable(`${DIR}/${name}.json`, inKeyring(upstream));
  }
  files.put(`${DIR}/folder.json/inside`, "");
  keyring.problem = "it is locked";
  const { records, rejected } = await listKeys(kept, DIR);
  assert.deepEqual([records.length, rejected.length], [0, 3]);
  assert.deepEqual(await upstreamsOfKeys(kept, DIR), ["https://lab.example/v1"]);
});
