import fc from "fast-check";
import assert from "node:assert/strict";
import { keyCalled, type NamedKey } from "../../src/auth/key_names.ts";

function aKey(file: string, { email, alias }: Partial<NamedKey> = {}): NamedKey {
  return { file, email, alias };
}

const KEYS = [
  aKey("work.json", { email: "ann@example.com", alias: "Main" }),
  aKey("bob.json", { email: "bob@example.com" }),
  aKey("bob@example.com.json", { email: "x@example.com" }),
  aKey("two@example.com.json", { email: "two@example.com" }),
  aKey("two@example.com-2.json", { email: "two@example.com" }),
  aKey("team-a.json", { email: "team@example.com", alias: "team" }),
  aKey("team-b.json", { email: "team@example.com", alias: "Team" }),
  aKey("lab.json", { alias: "work" }),
  aKey("spare.json", { alias: "spare" }),
  aKey("odd.json.json"),
  aKey("cafe\u0301.json"),
  aKey("n\u0303.json"),
  aKey("\u00f1.json"),
];

/** `[name, the file that it means, or why none]` */
const NAMES: [name: string, meaning: string][] = [
  ["work.json", "work.json"],
  ["bob", "bob.json"],
  ["spare", "spare.json"],
  ["main", "work.json"],
  ["MAIN", "work.json"],
  ["ann@example.com", "work.json"],
  ["Ann@Example.COM", "work.json"],
  ["odd.json", "odd.json.json"],
  // The e-mail is not unique, so it is only the name of a file.
  ["two@example.com", "two@example.com.json"],
  ["two@example.com-2", "two@example.com-2.json"],
  ["team@example.com", 'several: "team@example.com" can mean several keys: team-a.json, team-b.json'],
  ["team", 'several: "team" can mean several keys: team-a.json, team-b.json'],
  // A file of one key, and the unique e-mail or the alias of another.
  ["bob@example.com", 'several: "bob@example.com" can mean several keys: bob@example.com.json, bob.json'],
  ["work", 'several: "work" can mean several keys: work.json, lab.json'],
  ["WORK.json", 'none: no key is called "WORK.json"'],
  // The accent as one character or as two: one file, or the one that is written just so.
  ["caf\u00e9", "cafe\u0301.json"],
  ["caf\u00e9.json", "cafe\u0301.json"],
  ["n\u0303", "n\u0303.json"],
  ["\u00f1", "\u00f1.json"],
  ["CAF\u00c9", 'none: no key is called "CAF\u00c9"'],
  ["", 'none: no key is called ""'],
  ["../work.json", 'none: no key is called "../work.json"'],
  ["undefined", 'none: no key is called "undefined"'],
];

for (const [name, meaning] of NAMES) {
  Deno.test(`keyCalled() takes ${JSON.stringify(name)} as ${meaning}`, () => {
    const named = keyCalled(name, KEYS);
    assert.equal(named.kind === "one" ? named.key.file : `${named.kind}: ${named.problem.reason}`, meaning);
  });
}

function hintFor(keys: readonly NamedKey[], name = "none"): string {
  const named = keyCalled(name, keys);
  return named.kind === "one" ? assert.fail("found") : named.problem.hint;
}

Deno.test("keyCalled() lists the names that would do", () => {
  assert.equal(
    hintFor(KEYS.slice(0, 2)),
    "the keys are work.json (Main, ann@example.com), bob.json (bob@example.com)",
  );
  assert.equal(hintFor(KEYS, "team"), "name one of these files");
  assert.equal(hintFor([]), "there are no keys at all");
  const many = Array.from({ length: 40 }, (_, index) => aKey(`${index}.json`));
  assert.match(hintFor(many), /^the keys are 0\.json, .*, 11\.json and 28 more$/);
});

Deno.test("keyCalled() finds every key by its file, whatever the others are called", () => {
  const word = fc.constantFrom("a", "b", "A", "a@x", "a.json");
  const optional = fc.option(word, { nil: undefined });
  const keys = fc.uniqueArray(
    fc.record({ file: word.map((name) => `${name}.json`), email: optional, alias: optional }),
    { selector: ({ file }) => file },
  );
  fc.assert(fc.property(keys, (keys) => {
    for (const key of keys) assert.deepEqual(keyCalled(key.file, keys), { kind: "one", key });
  }));
});
