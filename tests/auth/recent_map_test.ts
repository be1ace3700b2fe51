import assert from "node:assert/strict";
import { RecentMap } from "../../src/auth/recent_map.ts";
import { T0 } from "../support/builders.ts";

function aMap(maxEntries: number, ttlMs = 1000) {
  return new RecentMap<string>({ maxEntries, ttlMs });
}

Deno.test("RecentMap forgets an entry some time after its last use; looking does not count as one", () => {
  const map = aMap(10);
  map.set("a", "1", T0);
  map.set("a", "2", T0 + 500);
  assert.equal(map.get("a", T0 + 1499), "2");
  assert.equal(map.get("a", T0 + 1500), undefined);
});

Deno.test("RecentMap drops the entry that was unused longest", () => {
  const map = aMap(3);
  for (const [at, name] of ["a", "b", "c", "a", "d"].entries()) map.set(name, name, T0 + at);
  assert.deepEqual(map.entries(T0 + 5).map(({ name }) => name), ["c", "a", "d"]);
  assert.equal(map.size, 3);
});

Deno.test("RecentMap lets go of all that has expired when something new comes", () => {
  const map = aMap(100);
  for (let i = 0; i < 50; i++) map.set(`${i}`, "x", T0);
  map.set("new", "x", T0 + 1000);
  assert.equal(map.size, 1);
});

Deno.test("RecentMap lists what has not expired, with its time", () => {
  const map = aMap(10);
  map.set("old", "1", T0);
  map.set("new", "2", T0 + 900);
  assert.deepEqual(map.entries(T0 + 1000), [{ name: "new", value: "2", usedMs: T0 + 900 }]);
});

Deno.test("RecentMap keeps the order of use when one entry is used again and again, and after it is deleted", () => {
  const map = aMap(2);
  for (const [at, name] of ["a", "b", "b", "b"].entries()) map.set(name, `${at}`, T0 + at);
  map.delete("b");
  map.set("b", "4", T0 + 4);
  map.set("a", "5", T0 + 5);
  map.set("c", "6", T0 + 6);
  assert.deepEqual(map.entries(T0 + 6).map(({ name, value }) => name + value), ["a5", "c6"]);
});
