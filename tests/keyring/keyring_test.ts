import assert from "node:assert/strict";
import { sealOf } from "../../src/auth/kept_tokens.ts";
import { KeyringError, type KeyringItems } from "../../src/keyring/items.ts";
import { ItemKeyring, newEntry, systemKeyring } from "../../src/keyring/keyring.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Items in memory. After `failAfter` more calls, each fails. */
class FakeItems implements KeyringItems {
  readonly maxChars = 40;
  readonly texts = new Map<string, string>();
  calls = 0;
  failAfter = Infinity;

  async read(name: string) {
    await this.#called();
    return this.texts.get(name);
  }
  async write(name: string, text: string) {
    assert.ok(text.length <= this.maxChars && /^[\w.-]+$/.test(text));
    await this.#called();
    this.texts.set(name, text);
  }
  async remove(name: string) {
    await this.#called();
    this.texts.delete(name);
  }
  #called(): Promise<void> {
    this.calls++;
    return this.failAfter-- > 0
      ? Promise.resolve()
      : Promise.reject(new KeyringError("the keyring is locked"));
  }
}

const SHORT = new Secret("short");
const LONG = new Secret("ü long text ".repeat(20));
const LONGER = new Secret("another long text ".repeat(30));

function world() {
  const [items, clock] = [new FakeItems(), new FakeClock()];
  return { items, clock, keyring: new ItemKeyring(items, clock) };
}

/** What somebody else reads, who knows nothing yet. */
async function readBy(items: FakeItems, entry = "e1"): Promise<string | undefined> {
  items.failAfter = Infinity;
  return (await new ItemKeyring(items, new FakeClock()).read(entry, undefined))?.reveal();
}

for (const tokens of [SHORT, LONG]) {
  Deno.test(`an entry of ${tokens.reveal().length} characters comes back and goes without a trace`, async () => {
    const { items, keyring } = world();
    await keyring.write("e1", tokens);
    assert.equal(await readBy(items), tokens.reveal());
    await keyring.remove("e1");
    assert.deepEqual([...items.texts], []);
  });
}

/** Each pair of states, and back. */
const CHANGES = [SHORT, LONG, LONGER].flatMap((before) =>
  [SHORT, LONG, LONGER].filter((after) => after !== before).map((after) => [before, after] as const)
);

for (const [before, after] of CHANGES) {
  const lengths = `${before.reveal().length} characters by ${after.reveal().length}`;
  Deno.test(`an entry is replaced as a whole wherever that is interrupted: ${lengths}`, async () => {
    for (let calls = 0;; calls++) {
      const { items, keyring } = world();
      await keyring.write("e1", before);
      items.failAfter = calls;
      const isDone = await keyring.write("e1", after).then(() => true, () => false);
      const found = await readBy(items);
      assert.ok(found === after.reveal() || (!isDone && found === before.reveal()), `after ${calls} calls`);
      if (isDone) {
        // Nothing of the state before is left.
        const fresh = world();
        await fresh.keyring.write("e1", after);
        return assert.deepEqual([...items.texts.keys()].sort(), [...fresh.items.texts.keys()].sort());
      }
    }
  });
}

Deno.test("a state that was read is not read again for five minutes, and another one is", async () => {
  const { items, clock, keyring } = world();
  await keyring.write("e1", SHORT);
  const seal = sealOf(SHORT.reveal());
  const { calls } = items;
  await keyring.read("e1", seal);
  assert.equal(items.calls, calls);
  await keyring.read("e1", "another seal");
  assert.equal(items.calls, calls + 1);
  await clock.advance(6 * 60_000);
  await keyring.read("e1", seal);
  keyring.forget();
  await keyring.read("e1", seal);
  assert.equal(items.calls, calls + 3);
});

Deno.test("a keyring that cannot be used is asked once for all keys, and again after a while", async () => {
  const { items, clock, keyring } = world();
  items.failAfter = 0;
  const asked = ["e1", "e2", "e3"].map((entry) => keyring.read(entry, undefined).catch((error) => error));
  for (const error of await Promise.all(asked)) assert.equal(error.message, "the keyring is locked");
  assert.equal(items.calls, 1);
  items.failAfter = Infinity;
  await clock.advance(11_000);
  assert.equal(await keyring.read("e1", undefined), undefined);
});

Deno.test("an entry that somebody else wrote over gives no tokens", async () => {
  const { items, keyring } = world();
  items.texts.set("e1", "not base64!");
  assert.equal(await keyring.read("e1", undefined), undefined);
  items.texts.set("e1", "parts.2.abc");
  assert.equal(await keyring.read("e1", undefined), undefined);
});

Deno.test("newEntry() makes a name that files can hold", () => {
  assert.match(newEntry(), /^[A-Za-z0-9]{22}$/);
  assert.notEqual(newEntry(), newEntry());
});

Deno.test("systemKeyring() says where there is none", async () => {
  for (const system of ["linux", "darwin"] as const) assert.ok(systemKeyring(system, new FakeClock(), 1000));
  await assert.rejects(systemKeyring("windows", new FakeClock(), 1000).check(), {
    name: "KeyringError",
    message: "there is no way to the keyring of this system yet",
  });
});
