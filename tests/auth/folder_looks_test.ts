import assert from "node:assert/strict";
import { FolderLooks, type FolderLooksOptions } from "../../src/auth/folder_looks.ts";
import type { Files } from "../../src/system/files.ts";

/** A folder of many files that counts who asks about them. */
class BigFolder {
  readonly revisions = new Map<string, number>();
  folder = 0;
  asked = 0;
  listed = 0;

  readonly looks: FolderLooks;

  constructor(size: number, counts: Pick<FolderLooksOptions, "quietLooks" | "busyLooks"> = {}) {
    for (let number = 0; number < size; number++) {
      this.revisions.set(`k${String(number).padStart(5, "0")}.json`, 0);
    }
    this.looks = new FolderLooks({
      ...counts,
      authDir: "/auths",
      files: {
        list: () => (this.listed++, Promise.resolve([...this.revisions.keys()].sort())),
        info: (path: string) => {
          const name = path.slice("/auths/".length);
          const revision = name === "" ? this.folder : this.revisions.get(name);
          if (name !== "") this.asked++;
          return Promise.resolve(revision === undefined ? undefined : { revision: String(revision) });
        },
      } as unknown as Files,
    });
  }

  /** An editor that writes a new file over the old one. */
  replace(name: string): void {
    this.change(name);
    this.folder++;
  }

  change(name: string): void {
    this.revisions.set(name, (this.revisions.get(name) ?? 0) + 1);
  }

  /** How many looks it takes until the file has another revision. */
  async looksUntilNoticed(name: string): Promise<number> {
    const before = (await this.looks.some()).get(name);
    for (let count = 1; count < 1_000; count++) {
      if ((await this.looks.some()).get(name) !== before) return count + 1;
    }
    return Infinity;
  }
}

const SIZE = 10_000;

Deno.test("a look at a large folder that is quiet asks about a small part of it", async () => {
  const folder = new BigFolder(SIZE);
  const first = await folder.looks.all();
  for (let look = 0; look < 20; look++) await folder.looks.some();
  folder.asked = folder.listed = 0;
  for (let look = 0; look < 10; look++) assert.equal(await folder.looks.some(), first);
  assert.equal(folder.asked, 2_000);
  assert.ok(folder.listed <= 1, `listed ${folder.listed} times`);
  folder.replace("k00001.json");
  folder.asked = 0;
  for (let look = 0; look < 12; look++) await folder.looks.some();
  assert.equal(folder.asked, 10 * 1_000 + 2 * 200);
});

Deno.test("a new file in a large folder is found at the next look", async () => {
  const folder = new BigFolder(SIZE);
  await folder.looks.all();
  folder.replace("new.json");
  assert.ok((await folder.looks.some()).has("new.json"));
});

Deno.test("a file that goes is found at the next look", async () => {
  const folder = new BigFolder(SIZE);
  await folder.looks.all();
  folder.revisions.delete("k00007.json");
  folder.folder++;
  assert.ok(!(await folder.looks.some()).has("k00007.json"));
});

Deno.test("a file that is replaced is found within 7 s, one that is changed in its place within 35 s", async () => {
  const folder = new BigFolder(SIZE);
  await folder.looks.all();
  folder.replace("k09999.json");
  assert.ok(await folder.looksUntilNoticed("k09999.json") <= 10);
  for (let look = 0; look < 20; look++) await folder.looks.some();
  folder.change("k05000.json");
  assert.ok(await folder.looksUntilNoticed("k05000.json") <= 50);
});

Deno.test("after a look at everything, looks begin with the first files and a listing", async () => {
  const folder = new BigFolder(SIZE);
  await folder.looks.all();
  folder.change("k00000.json");
  folder.asked = folder.listed = 0;
  assert.equal((await folder.looks.some()).get("k00000.json"), "1");
  assert.deepEqual([folder.asked, folder.listed], [200, 1]);
  for (let look = 0; look < 9; look++) await folder.looks.some();
  assert.equal(folder.listed, 1);
  await folder.looks.some();
  assert.equal(folder.listed, 2);
});

Deno.test("looks are large until every file was looked at since a change", async () => {
  const folder = new BigFolder(1_001);
  await folder.looks.all();
  folder.replace("k00001.json");
  folder.asked = 0;
  for (let look = 0; look < 3; look++) await folder.looks.some();
  assert.equal(folder.asked, 1_000 + 1_000 + 200);
});

Deno.test("names are listed at three looks after a change, and else at every tenth", async () => {
  const folder = new BigFolder(SIZE);
  await folder.looks.all();
  folder.replace("k00001.json");
  folder.listed = 0;
  for (let look = 0; look < 3 + 109; look++) await folder.looks.some();
  assert.equal(folder.listed, 3 + 11);
});

Deno.test("a look goes on at the beginning where the names end, so that none has to wait for longer", async () => {
  const folder = new BigFolder(450);
  await folder.looks.all();
  for (let look = 0; look < 20; look++) await folder.looks.some();
  folder.asked = 0;
  for (let look = 0; look < 9; look++) await folder.looks.some();
  assert.equal(folder.asked, 9 * 200);
});

Deno.test("every file of a small folder is looked at each time", async () => {
  const folder = new BigFolder(50);
  await folder.looks.all();
  folder.change("k00049.json");
  assert.equal((await folder.looks.some()).get("k00049.json"), "1");
});

Deno.test("a file system that does not tell of a new file is listed all the same", async () => {
  const folder = new BigFolder(3);
  await folder.looks.all();
  for (let look = 0; look < 5; look++) await folder.looks.some();
  folder.change("silent.json");
  for (let look = 0; look < 10; look++) await folder.looks.some();
  assert.ok((await folder.looks.some()).has("silent.json"));
});

Deno.test("who looks seldom asks about more at a time, and about all once the folder has changed", async () => {
  const folder = new BigFolder(SIZE, { quietLooks: 1_000, busyLooks: Infinity });
  await folder.looks.all();
  const askedIn = async (act: () => unknown) => {
    act();
    folder.asked = 0;
    await folder.looks.some();
    return folder.asked;
  };
  assert.equal(await askedIn(() => {}), 1_000);
  assert.equal(await askedIn(() => folder.replace("k09999.json")), SIZE);
  assert.equal(await askedIn(() => {}), 1_000);
});
