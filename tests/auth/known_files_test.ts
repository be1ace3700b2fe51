import assert from "node:assert/strict";
import { KnownFiles } from "../../src/auth/known_files.ts";

Deno.test("KnownFiles reads a file again when it has changed, when what it gave does not stand, and no other", async () => {
  const known = new KnownFiles<string>();
  const asked: string[] = [];
  const readAll = (revisions: Record<string, string>) => {
    asked.length = 0;
    const read = (name: string) => (asked.push(name), Promise.resolve(`${name} ${revisions[name]}`));
    return known.readAll(new Map(Object.entries(revisions)), {
      read,
      stands: (text) => !text.startsWith("bad"),
    });
  };
  assert.deepEqual(await readAll({ a: "1", b: "1", bad: "1" }), ["a 1", "b 1", "bad 1"]);
  assert.deepEqual(asked, ["a", "b", "bad"]);
  assert.deepEqual(await readAll({ a: "1", b: "2", bad: "1" }), ["a 1", "b 2", "bad 1"]);
  assert.deepEqual(asked, ["b", "bad"]);
  await readAll({ b: "2" });
  assert.deepEqual(asked, []);
  await readAll({ a: "1", b: "2" });
  assert.deepEqual(asked, ["a"], "one that went and came back");
});
