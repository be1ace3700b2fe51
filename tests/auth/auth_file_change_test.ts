import assert from "node:assert/strict";
import { asOnlyWriter, changeAuthFile, writeLogin } from "../../src/auth/auth_file_change.ts";
import type { MemberChange } from "../../src/auth/auth_file_edit.ts";
import { runtimePaths } from "../../src/config/paths.ts";
import { Secret } from "../../src/values/secret.ts";
import { UserError } from "../../src/values/user_error.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const DIR = "/keys";
const WORK = `${DIR}/work.json`;
const DISABLE: MemberChange[] = [{ path: ["disabled"], value: true }];
const TEXT = '{"token":"t"}';

function aPlace(files = new MemoryFiles({ [WORK]: TEXT })) {
  const clock = new FakeClock();
  return { files, clock, authDir: DIR };
}

Deno.test("changeAuthFile() changes the file, and says whether that was needed", async () => {
  const place = aPlace();
  place.files.put(WORK, TEXT, 0o644);
  assert.equal(await changeAuthFile(place, "work.json", DISABLE), true);
  assert.equal(place.files.text(WORK), '{"token":"t","disabled":true}');
  assert.equal((await place.files.info(WORK))?.mode, 0o600);
  const { revision } = (await place.files.info(WORK))!;
  assert.equal(await changeAuthFile(place, "work.json", DISABLE), false);
  assert.equal((await place.files.info(WORK))?.revision, revision);
});

Deno.test("changeAuthFile() of a link inside the folder changes the file that it leads to", async () => {
  const place = aPlace();
  place.files.link(`${DIR}/link.json`, "work.json");
  await changeAuthFile(place, "link.json", DISABLE);
  assert.match(place.files.text(WORK)!, /"disabled":true/);
  assert.equal(await place.files.realPath(`${DIR}/link.json`), WORK);
});

/** A disk on which another program writes the file while it is read. */
class RacedFiles extends MemoryFiles {
  override async readText(path: string): Promise<string> {
    const text = await super.readText(path);
    this.put(path, '{"token":"newer"}');
    return text;
  }
}

/** `[what, files, the reason]` */
const REFUSED: [string, () => MemoryFiles, RegExp][] = [
  ["that leads out of the folder", () => {
    const files = new MemoryFiles({ "/elsewhere/x.json": TEXT, [`${DIR}/a`]: "" });
    files.link(WORK, "/elsewhere/x.json");
    return files;
  }, /^Cannot change work\.json: it is a link that leads out of the auth dir$/],
  ["with a second name", () => {
    const files = new MemoryFiles({ [WORK]: TEXT });
    files.hardLink(WORK, "/elsewhere.json");
    return files;
  }, /hard-linked/],
  ["that is a folder", () => new MemoryFiles({ [`${WORK}/x`]: TEXT }), /not a file/],
  ["that is not JSON", () => new MemoryFiles({ [WORK]: "{" }), /it is not a JSON object$/],
  ["that is too large", () => new MemoryFiles({ [WORK]: " ".repeat(2 ** 21) }), /larger than 1 MiB$/],
  ["that another program changes", () => new RacedFiles({ [WORK]: TEXT }), /changed it at this moment$/],
];

for (const [what, files, reason] of REFUSED) {
  Deno.test(`changeAuthFile() refuses a file ${what}, and leaves it as it is`, async () => {
    const place = aPlace(files());
    await assert.rejects(changeAuthFile(place, "work.json", DISABLE), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, reason);
      return true;
    });
    const path = await place.files.realPath(WORK);
    assert.doesNotMatch(place.files.text(path) ?? "", /disabled/);
    // The next writer gets its turn.
    assert.equal(await asOnlyWriter(place, () => Promise.resolve("in")), "in");
  });
}

Deno.test("asOnlyWriter() waits for another writer, but not for ever", async () => {
  const place = aPlace();
  const other = await place.files.lock(runtimePaths(DIR).writersLockFile);
  const late = asOnlyWriter(place, () => Promise.resolve("in"));
  const refused = assert.rejects(late, /another program is changing them/);
  await place.clock.advance(10_000);
  await refused;
  const waiting = asOnlyWriter(place, () => Promise.resolve("in"));
  other.release();
  assert.equal(await waiting, "in");
});

Deno.test("writeLogin() of a new file does not touch a file that is there", async () => {
  const place = aPlace(new MemoryFiles({ [WORK]: "mine" }));
  const isWritten = await writeLogin(place, { kind: "add", file: "work.json" }, new Secret(TEXT));
  assert.equal(isWritten, false);
  assert.equal(place.files.text(WORK), "mine");
});
