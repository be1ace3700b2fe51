import assert from "node:assert/strict";
import { newMark } from "../../src/credentials/renewal_mark.ts";
import { isAside, RenewalMarks } from "../../src/credentials/renewal_marks.ts";
import { FileError } from "../../src/system/files.ts";
import { Secret } from "../../src/values/secret.ts";
import { T0 } from "../support/builders.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const DAY = 24 * 3_600_000;
const TOKEN = new Secret("rt_1");

Deno.test("RenewalMarks remember a token by its hash", async () => {
  const files = new MemoryFiles();
  const marks = new RenewalMarks(files, "/state");
  assert.equal(await marks.read(TOKEN, "/keys/work.json"), undefined);
  const mark = { ...newMark("/keys/work.json", T0), state: "spent" } as const;
  await marks.write(TOKEN, mark);
  assert.deepEqual(await new RenewalMarks(files, "/state").read(TOKEN, ""), mark);
  assert.equal(await marks.read(new Secret("rt_2"), ""), undefined);
  assert.match((await files.list("/state")).join(), /^[0-9a-f]{32}\.json$/);
});

Deno.test("RenewalMarks lock a token, and other things, each for one at a time", async () => {
  const marks = new RenewalMarks(new MemoryFiles(), "/state");
  const first = await marks.lock(TOKEN);
  (await marks.lock(new Secret("rt_2"))).release();
  (await marks.lockFor("rt")).release();
  let isSecond = false;
  const second = marks.lock(TOKEN).then((lock) => {
    isSecond = true;
    lock.release();
  });
  await marks.lockFor("rt").then((lock) => lock.release());
  assert.equal(isSecond, false);
  first.release();
  await second;
});

Deno.test("RenewalMarks are kept for 90 days", async () => {
  const files = new MemoryFiles();
  const marks = new RenewalMarks(files, "/state");
  await marks.prune(T0);
  (await marks.lock(TOKEN)).release();
  await marks.write(TOKEN, newMark("", T0));
  await marks.write(new Secret("rt_2"), newMark("", T0 + DAY));
  await marks.prune(T0 + 89 * DAY);
  assert.notEqual(await marks.read(TOKEN, ""), undefined);
  await marks.prune(T0 + 90 * DAY);
  assert.equal(await marks.read(TOKEN, ""), undefined);
  assert.equal((await files.list("/state")).length, 1);
});

Deno.test("RenewalMarks keep tokens aside in a file that is not an auth file", async () => {
  const files = new MemoryFiles();
  const path = await new RenewalMarks(files, "/state").keepAside(TOKEN, "{}");
  assert.equal(files.text(path), "{}");
  assert.ok(isAside(path) && !isAside("/keys/work.json"));
});

Deno.test("RenewalMarks are read for many tokens with one look at the folder", async () => {
  const files = new MemoryFiles();
  const marks = new RenewalMarks(files, "/state");
  assert.equal(await (await marks.reader())(TOKEN, ""), undefined, "there is no folder yet");
  const mark = newMark("/auths/a.json", 1_000);
  await marks.write(TOKEN, mark);
  const read = await marks.reader();
  assert.deepEqual(await read(TOKEN, "/auths/a.json"), await marks.read(TOKEN, "/auths/a.json"));
  files.failAt(`/state`, "denied");
  await assert.rejects(marks.reader(), FileError);
});
