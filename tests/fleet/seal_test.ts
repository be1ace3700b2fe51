import assert from "node:assert/strict";
import { Seal } from "../../src/fleet/seal.ts";
import { Secret } from "../../src/values/secret.ts";

const SEAL = new Seal(new Secret("a-pool-secret-of-more-than-32-characters"), "team");
const PLACE = { name: "n", version: 3, tag: "0123456789abcdef.1" };

Deno.test("a sealed text can be read by members only, and says nothing", () => {
  const sealed = SEAL.seal('{"file":"a.json"}', PLACE);
  assert.equal(SEAL.open(sealed, PLACE), '{"file":"a.json"}');
  assert.doesNotMatch(atob(sealed), /a\.json/);
  assert.notEqual(SEAL.seal('{"file":"a.json"}', PLACE), sealed);
});

Deno.test("a text in another place, of another pool, or changed cannot be opened", () => {
  const sealed = SEAL.seal("text", PLACE);
  for (const over of [{ name: "other" }, { version: 4 }, { tag: "0123456789abcdef.2" }]) {
    assert.equal(SEAL.open(sealed, { ...PLACE, ...over }), undefined);
  }
  const others = [
    new Seal(new Secret("another-secret-of-more-than-32-characters"), "team"),
    new Seal(new Secret("a-pool-secret-of-more-than-32-characters"), "other"),
  ];
  for (const other of others) assert.equal(other.open(sealed, PLACE), undefined);
  for (
    const damaged of [
      "",
      "AAAA",
      sealed.slice(4),
      sealed.replace(/^./, (first) => first === "A" ? "B" : "A"),
    ]
  ) {
    assert.equal(SEAL.open(damaged, PLACE), undefined);
  }
});

Deno.test("names are the same for all members, and differ by kind and by pool", () => {
  const again = new Seal(new Secret("a-pool-secret-of-more-than-32-characters"), "team");
  const other = new Seal(new Secret("a-pool-secret-of-more-than-32-characters"), "other");
  assert.equal(again.name("key", "k"), SEAL.name("key", "k"));
  assert.match(SEAL.name("key", "k"), /^[\w-]{22}$/);
  assert.notEqual(SEAL.name("member", "k"), SEAL.name("key", "k"));
  assert.notEqual(other.name("key", "k"), SEAL.name("key", "k"));
});
