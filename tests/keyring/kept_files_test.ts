import assert from "node:assert/strict";
import { keptEntry, withEntry, withoutEntry } from "../../src/auth/kept_tokens.ts";
import { renewKey } from "../../src/credentials/renew.ts";
import { keptFiles } from "../../src/keyring/kept_files.ts";
import { FileError, type Files } from "../../src/system/files.ts";
import { FakeKeyring } from "../support/fake_keyring.ts";
import { loginFile } from "../support/logins.ts";
import { RenewalWorld, STATE } from "../support/renewal_world.ts";
import { asPort, MemoryFiles } from "../support/memory_files.ts";

const PATH = "/keys/work.json";
const ENTRY = "Entry0001";
const OLD = loginFile({ refreshToken: "rt_old" });
const NEW = loginFile({ refreshToken: "rt_new" });

class Killed extends Error {}

/** A disk and a keyring; the program is killed at its `killAt`th write to either of them, before or after it. */
function machine(text: string | undefined) {
  const disk = new MemoryFiles(text === undefined ? { "/keys/other.json": "{}" } : { [PATH]: text });
  const keyring = new FakeKeyring();
  const open = (killAt = Infinity, isAfter = false) => {
    let writes = 0;
    const dying =
      <Args extends unknown[]>(act: (...args: Args) => Promise<void>) => async (...args: Args) => {
        if (writes >= killAt) throw new Killed();
        const isLast = ++writes === killAt;
        if (!isLast || isAfter) await act(...args);
        if (isLast) throw new Killed();
      };
    const files: Files = {
      ...asPort(disk),
      writeDurable: dying((path, text) => disk.writeDurable(path, text)),
    };
    const dyingKeyring = {
      read: keyring.read.bind(keyring),
      write: dying(keyring.write.bind(keyring)),
      remove: dying(keyring.remove.bind(keyring)),
    };
    return keptFiles(files, dyingKeyring);
  };
  return { disk, keyring, open };
}

/** `[what is written, the file before, the text, what a reader may find when it was interrupted]` */
const WRITES: [string, string, string | undefined, (kept: string) => string, readonly string[]][] = [
  ["a login moves to the keyring", "plain", OLD, () => withEntry(OLD, ENTRY), [OLD]],
  ["a login moves back", "kept", OLD, () => OLD, [OLD]],
  ["a kept login is renewed", "kept", OLD, () => withEntry(NEW, ENTRY), [OLD, NEW]],
  ["a login moves there with new tokens", "plain", OLD, () => withEntry(NEW, ENTRY), [OLD, NEW]],
];

for (const [what, before, text, wanted, allowed] of WRITES) {
  Deno.test(`no key is lost wherever it is interrupted: ${what}`, async () => {
    for (const isAfter of [false, true]) {
      for (let killAt = 1;; killAt++) {
        const { disk, open } = machine(text);
        if (before === "kept") await open().writeDurable(PATH, withEntry(text!, ENTRY));
        const isKilled = await open(killAt, isAfter).writeDurable(PATH, wanted(text!)).then(
          () => false,
          (error) => {
            assert.ok(error instanceof Killed);
            return true;
          },
        );
        const found = withoutEntry(await open().readText(PATH));
        assert.ok(allowed.includes(found), `killed at ${killAt}`);
        // The same once more ends it.
        await open().writeDurable(PATH, wanted(text!));
        assert.equal(await open().readText(PATH).then(withoutEntry), withoutEntry(wanted(text!)));
        if (!isKilled) break;
        assert.ok(disk.text(PATH) !== undefined);
      }
    }
  });
}

Deno.test("what is in the keyring is not in the file, and the other way round", async () => {
  const { disk, keyring, open } = machine(OLD);
  await open().writeDurable(PATH, withEntry(OLD, ENTRY));
  assert.doesNotMatch(disk.text(PATH)!, /eyJ|rt_old/);
  assert.match(keyring.text, /rt_old/);
  await open().writeDurable(PATH, OLD);
  assert.equal(disk.text(PATH), OLD);
  assert.equal(keyring.entries.size, 0);
});

Deno.test("a new login is never in a file, not even when it is interrupted", async () => {
  for (let killAt = 1; killAt <= 3; killAt++) {
    const { disk, open } = machine(undefined);
    await disk.createEmpty(PATH);
    await open(killAt, true).writeDurable(PATH, withEntry(NEW, ENTRY)).catch(() => {});
    assert.doesNotMatch(disk.text(PATH)!, /eyJ|rt_new/);
    // The file names the entry, so that nothing stays in the keyring that no file names.
    assert.equal(keptEntry(disk.text(PATH)!)?.entry, ENTRY);
  }
});

Deno.test("a keyring that cannot be used leaves a plain file as it was", async () => {
  const { disk, keyring, open } = machine(OLD);
  keyring.problem = "the keyring is locked";
  await assert.rejects(open().writeDurable(PATH, withEntry(NEW, ENTRY)), {
    name: "FileError",
    message: `${PATH}: its tokens cannot go into the keyring: the keyring is locked`,
  });
  assert.equal(disk.text(PATH), OLD);
});

Deno.test("a kept file says why its tokens cannot be had", async () => {
  const { keyring, open } = machine(OLD);
  await open().writeDurable(PATH, withEntry(OLD, ENTRY));
  keyring.problem = "the keyring is locked";
  await assert.rejects(
    open().readText(PATH),
    (error) =>
      error instanceof FileError &&
      error.message === `${PATH}: its tokens are in the keyring: the keyring is locked`,
  );
  keyring.problem = undefined;
  keyring.entries.clear();
  await assert.rejects(
    open().readText(PATH),
    /its tokens are no longer in the keyring of this user: log in again/,
  );
});

Deno.test("a file that holds its tokens again counts, and the keyring is not asked", async () => {
  const { disk, keyring, open } = machine(OLD);
  await open().writeDurable(PATH, withEntry(OLD, ENTRY));
  disk.put(PATH, withEntry(NEW, ENTRY));
  keyring.problem = "the keyring is locked";
  assert.equal(withoutEntry(await open().readText(PATH)), NEW);
});

Deno.test("other files are read and written as they are", async () => {
  const { disk, keyring, open } = machine(OLD);
  await open().writeDurable("/keys/.env", "A=1");
  await open().writeDurable(PATH, NEW);
  assert.deepEqual([disk.text("/keys/.env"), disk.text(PATH), keyring.calls], ["A=1", NEW, []]);
});

/** A key in the keyring that is about to be renewed. */
async function renewable() {
  const world = new RenewalWorld();
  const keyring = new FakeKeyring();
  const deps = world.deps();
  const files = keptFiles(asPort(world.files), keyring);
  await files.writeDurable(PATH, withEntry(loginFile(), ENTRY));
  const renew = async () => {
    const renewing = renewKey({ ...deps, files }, "work.json", { kind: "asked" });
    await world.clock.advance(10_000);
    return (await renewing).kind;
  };
  return { world, keyring, renew };
}

Deno.test("a renewal puts the new refresh token into the keyring alone, and sends each once", async () => {
  const { world, keyring, renew } = await renewable();
  assert.deepEqual([await renew(), await renew()], ["renewed", "renewed"]);
  assert.deepEqual([world.sent, world.reuses], [["rt_1", "rt_new_1"], 0]);
  assert.match(keyring.text, /rt_new_2/);
  assert.doesNotMatch(world.files.text(PATH)!, /rt_/);
});

Deno.test("a keyring that fails when new tokens arrive loses none, and no token is sent again", async () => {
  const { world, keyring, renew } = await renewable();
  world.during = () => void (keyring.problem = "the keyring is locked");
  assert.equal(await renew(), "kept_aside");
  const aside = (await world.files.list(STATE)).find((name) => name.endsWith(".login"))!;
  assert.match(world.files.text(`${STATE}/${aside}`)!, /rt_new_1/);
  keyring.problem = undefined;
  world.during = () => {};
  // What was kept aside is put in its place.
  assert.equal(await renew(), "adopted");
  assert.match(keyring.text, /rt_new_1/);
  assert.deepEqual(world.sent, ["rt_1"]);
  assert.equal((await world.files.list(STATE)).some((name) => name.endsWith(".login")), false);
});

Deno.test("a program that is killed after the entry was replaced leaves the newer tokens to the next", async () => {
  const { world, keyring, renew } = await renewable();
  const before = world.files.text(PATH)!;
  await renew();
  // As if it had been killed before it wrote the file.
  world.files.put(PATH, before);
  assert.equal(await renew(), "renewed");
  assert.deepEqual([world.sent, world.reuses], [["rt_1", "rt_new_1"], 0]);
  assert.match(keyring.text, /rt_new_2/);
});
