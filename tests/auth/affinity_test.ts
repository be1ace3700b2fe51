import assert from "node:assert/strict";
import fc from "fast-check";
import { Affinity } from "../../src/auth/affinity.ts";
import { T0 } from "../support/builders.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Affinity whose session `s` was served by these keys, one after the other. */
function anAffinity(...served: readonly string[]) {
  const affinity = new Affinity();
  for (const file of served) {
    affinity.begin("s", file, T0);
    affinity.settle("s", file, true, T0);
  }
  return { affinity };
}

Deno.test("keyOf() knows a session for an hour after its last use", () => {
  const { affinity } = anAffinity("a");
  affinity.begin("s", "a", T0 + HOUR / 2);
  assert.equal(affinity.keyOf("s", T0 + HOUR), "a");
  assert.equal(affinity.keyOf("s", T0 + HOUR * 1.5), undefined);
  assert.equal(affinity.keyOf("other", T0), undefined);
});

/** `[what, keys that served before, acts, the key that the session is on then]`; `+b` begins, `b!` serves, `b-` fails. */
const STORIES: readonly [string, readonly string[], string, string | undefined][] = [
  ["a new session is on the key that it is being sent with", [], "+a", "a"],
  ["a new session that no key serves is on none", [], "+a a- +b b-", undefined],
  ["a session moves to the key that serves it", ["a"], "+b b!", "b"],
  ["a session stays where it was when no other key serves it", ["a"], "+b b- +c c-", "a"],
  ["a session stays where it was when its own key fails as well", ["a"], "+a a- +b b-", "a"],
  ["requests go along while another key is being tried", ["a"], "+b", "b"],
  ["what one request gives up, another one may prove", ["a"], "+b +b b- b!", "b"],
  ["what another request has proved is not given up", ["a"], "+b +b b! b-", "b"],
  ["a request that fails late gives up its own key alone", ["a"], "+b b- +c b-", "c"],
  ["the last key that served counts", ["a"], "+b +c b! c!", "c"],
];

for (const [what, served, acts, expected] of STORIES) {
  Deno.test(`Affinity: ${what}`, () => {
    const { affinity } = anAffinity(...served);
    for (const act of acts.split(" ")) {
      const file = act.replace(/[+!-]/, "");
      if (act.startsWith("+")) affinity.begin("s", file, T0);
      else affinity.settle("s", file, act.endsWith("!"), T0);
    }
    assert.equal(affinity.keyOf("s", T0), expected);
  });
}

Deno.test("servingKeysOf() names the last two keys that served, not the one that is being tried", () => {
  const { affinity } = anAffinity("a", "b", "b");
  affinity.begin("s", "c", T0);
  assert.deepEqual(affinity.servingKeysOf("s", T0), ["b", "a"]);
  affinity.settle("s", "c", false, T0);
  assert.deepEqual(affinity.servingKeysOf("s", T0), ["b", "a"]);
  affinity.settle("s", "c", true, T0);
  assert.deepEqual(affinity.servingKeysOf("s", T0), ["c", "b"]);
  assert.deepEqual(affinity.servingKeysOf("other", T0), []);
});

Deno.test("begin() keeps at most 4,096 sessions and drops the one unused longest", () => {
  const { affinity } = anAffinity();
  for (let i = 0; i < 4096; i++) affinity.begin(`s${i}`, "a", T0 + i);
  affinity.begin("s0", "a", T0 + 5000);
  affinity.begin("newest", "b", T0 + 5001);
  assert.equal(affinity.keyOf("s0", T0 + 5002), "a");
  assert.equal(affinity.keyOf("s1", T0 + 5002), undefined);
});

Deno.test("ownerOf() knows ids for thirty days after their last use, 8,192 of them", () => {
  const { affinity } = anAffinity();
  affinity.remember(["first"], "a", T0);
  affinity.remember(["second", "third"], "b", T0);
  affinity.remember(["first"], "a", T0 + DAY);
  assert.equal(affinity.ownerOf("first", T0 + 30 * DAY), "a");
  assert.equal(affinity.ownerOf("second", T0 + 30 * DAY), undefined);
  for (let i = 0; i < 8192; i++) affinity.remember([`${i}`], "c", T0 + 2 * DAY);
  assert.equal(affinity.ownerOf("first", T0 + 2 * DAY), undefined);
  assert.equal(affinity.ownerOf("0", T0 + 2 * DAY), "c");
});

Deno.test("remember() lets another key own an id", () => {
  const { affinity } = anAffinity();
  affinity.remember(["x"], "a", T0);
  affinity.remember(["x"], "b", T0 + 1);
  assert.equal(affinity.ownerOf("x", T0 + 2), "b");
});

/** `[what, act, whether it is worth a write]`, one after the other. */
const USES: readonly [string, (affinity: Affinity) => void, boolean][] = [
  ["a session on a key", (affinity) => affinity.settle("s", "a", true, T0), true],
  ["the same again", (affinity) => affinity.settle("s", "a", true, T0 + 1), false],
  ["a use within a minute", (affinity) => affinity.begin("s", "a", T0 + 59_999), false],
  ["a use after a minute", (affinity) => affinity.begin("s", "a", T0 + 60_000), true],
  ["an attempt that failed", (affinity) => affinity.settle("s", "b", false, T0 + 60_001), false],
  ["an id", (affinity) => affinity.remember(["x"], "a", T0 + 60_002), true],
  ["the id again", (affinity) => affinity.remember(["x"], "a", T0 + 60_003), false],
  ["no ids", (affinity) => affinity.remember([], "a", T0 + 200_000), false],
  ["another owner of the id", (affinity) => affinity.remember(["x"], "b", T0 + 200_001), true],
];

Deno.test("nextChange() resolves for what is new, and for uses once a minute", async () => {
  const affinity = new Affinity();
  for (const [what, act, isNew] of USES) {
    const change = affinity.nextChange().then(() => true);
    act(affinity);
    assert.equal(await Promise.race([change, Promise.resolve().then(() => false)]), isNew, what);
  }
});

const NAMES = fc.constantFrom("s", "t", "u");
const FILES = fc.constantFrom("a", "b", "c");
const ACTS = fc.array(fc.record({ session: NAMES, file: FILES, served: fc.boolean(), id: NAMES }));

Deno.test("restore() brings back what saved() gave, but for requests that were under way", () => {
  fc.assert(fc.property(ACTS, (acts) => {
    const { affinity } = anAffinity();
    for (const [at, { session, file, served, id }] of acts.entries()) {
      affinity.begin(session, file, T0 + at);
      affinity.settle(session, file, served, T0 + at);
      affinity.remember([id], file, T0 + at);
    }
    const saved = affinity.saved(T0 + 1000);
    const { affinity: next } = anAffinity();
    next.restore(saved, T0 + 1000);
    assert.deepEqual(next.saved(T0 + 1000), saved);
    for (const name of ["s", "t", "u"]) {
      assert.equal(next.keyOf(name, T0 + 1000), affinity.keyOf(name, T0 + 1000));
      assert.deepEqual(next.servingKeysOf(name, T0), affinity.servingKeysOf(name, T0));
      assert.equal(next.ownerOf(name, T0), affinity.ownerOf(name, T0));
    }
  }));
});

Deno.test("saved() has no session that only was tried", () => {
  const { affinity } = anAffinity("a");
  affinity.begin("s", "b", T0);
  affinity.begin("new", "b", T0);
  const sessions = [{ session: "s", file: "a", previousFile: undefined, usedMs: T0 }];
  assert.deepEqual(affinity.saved(T0), { sessions, ids: [] });
});

Deno.test("restore() takes a time in the future as now, and no order for granted", () => {
  const { affinity } = anAffinity();
  const session = { session: "s", file: "a", previousFile: undefined, usedMs: T0 + DAY };
  affinity.restore({ sessions: [session, { ...session, session: "t", usedMs: T0 - HOUR }], ids: [] }, T0);
  assert.equal(affinity.keyOf("s", T0 + HOUR), undefined);
  assert.deepEqual(affinity.saved(T0).sessions.map(({ session }) => session), ["s"]);
});

Deno.test("renameKey() moves what belongs to a key to its new name", () => {
  const { affinity } = anAffinity();
  for (const file of ["a", "b"]) affinity.settle("s", file, true, T0);
  affinity.settle("t", "a", true, T0);
  affinity.remember(["id-a"], "a", T0);
  affinity.remember(["id-b"], "b", T0);
  affinity.renameKey("a", "new", T0);
  assert.deepEqual(affinity.servingKeysOf("s", T0), ["b", "new"]);
  assert.equal(affinity.keyOf("t", T0), "new");
  assert.deepEqual(["id-a", "id-b"].map((id) => affinity.ownerOf(id, T0)), ["new", "b"]);
});

Deno.test("adopt() brings what is not known here, for as long as if it had been learned here", () => {
  const affinity = new Affinity();
  affinity.adopt({ kind: "session", hash: "s" }, "a", T0);
  affinity.adopt({ kind: "id", hash: "i" }, "b", T0);
  assert.deepEqual([affinity.keyOf("s", T0 + HOUR - 1), affinity.keyOf("s", T0 + HOUR)], ["a", undefined]);
  assert.deepEqual([affinity.ownerOf("i", T0 + DAY), affinity.ownerOf("i", T0 + 30 * DAY)], ["b", undefined]);
  assert.equal(affinity.saved(T0).sessions.length, 1, "a restart does not lose it");
});

Deno.test("adopt() changes nothing that is known here, nor the key that a session is being tried with", () => {
  const { affinity } = anAffinity("a");
  affinity.remember(["i"], "a", T0);
  affinity.begin("new", "a", T0);
  for (const hash of ["s", "new"]) affinity.adopt({ kind: "session", hash }, "b", T0);
  affinity.adopt({ kind: "id", hash: "i" }, "b", T0);
  assert.deepEqual([affinity.keyOf("s", T0), affinity.keyOf("new", T0), affinity.ownerOf("i", T0)], [
    "a",
    "a",
    "a",
  ]);
});

Deno.test("ask() waits for nothing where there is no shared pool", () => {
  const request = { pinned: undefined, session: "s", stateIds: ["i"] };
  assert.equal(new Affinity().ask(request), undefined);
});

Deno.test("a sharer is told what a key has served and knows, and neither failures nor what it brought itself", () => {
  const affinity = new Affinity();
  const told: string[] = [];
  affinity.shareWith({
    belongs: ({ kind, hash }, file) => void told.push(`${kind} ${hash} ${file}`),
    ask: () => undefined,
  });
  affinity.adopt({ kind: "session", hash: "s" }, "a", T0);
  affinity.begin("s", "b", T0);
  affinity.settle("s", "b", false, T0);
  assert.deepEqual(told, []);
  affinity.settle("s", "a", true, T0);
  affinity.remember(["i", "j"], "a", T0);
  assert.deepEqual(told, ["session s a", "id i a", "id j a"]);
});
