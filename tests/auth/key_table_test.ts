import assert from "node:assert/strict";
import type { KeyChange } from "../../src/auth/key_report.ts";
import { HEALTHY } from "../../src/auth/key_state.ts";
import { KeyTable } from "../../src/auth/key_table.ts";
import { Secret } from "../../src/values/secret.ts";
import { aHealth, aRecord, T0 } from "../support/builders.ts";

const STRUCK = aHealth({ strikes: 1, lastStrikeMs: T0 });

/** A table with these keys, and what it has reported. */
function aTable(...names: string[]) {
  const changes: KeyChange[] = [];
  const table = new KeyTable((change) => changes.push(change));
  table.replaceAll(names.map((name) => aRecord(name)), T0);
  return { table, changes };
}

Deno.test("replaceAll() has the keys of the listing, in its order", () => {
  const { table, changes } = aTable("b", "a");
  assert.deepEqual(table.list().map(({ record }) => record.file), ["b.json", "a.json"]);
  assert.equal(table.size, 2);
  assert.equal(table.get("c.json"), undefined);
  assert.deepEqual(changes, []);
});

Deno.test("replaceAll() keeps the health of a key whose file comes back", () => {
  const { table } = aTable("a", "b");
  table.setHealth("a.json", STRUCK, { from: HEALTHY, why: "verdict" });
  table.replaceAll([aRecord("b")], T0 + 1);
  assert.equal(table.get("a.json"), undefined);
  table.replaceAll([aRecord("a"), aRecord("b")], T0 + 2);
  assert.equal(table.get("a.json")?.health, STRUCK);
});

Deno.test("replaceAll() reports a key that a new token resets", () => {
  const { table, changes } = aTable("a");
  table.setHealth("a.json", STRUCK, { from: HEALTHY, why: "verdict" });
  const renewed = aRecord("a", { token: new Secret("renewed") });
  table.replaceAll([renewed], T0 + 1);
  assert.deepEqual(changes.at(-1), { record: renewed, from: STRUCK, to: HEALTHY, why: "new_token" });
});

Deno.test("setHealth() reports a change, but no health that stays the same", () => {
  const { table, changes } = aTable("a");
  table.setHealth("a.json", HEALTHY, { from: HEALTHY, why: "verdict" });
  assert.deepEqual(changes, []);
  table.setHealth("a.json", STRUCK, { from: HEALTHY, why: "verdict" });
  assert.deepEqual(changes, [{ record: aRecord("a"), from: HEALTHY, to: STRUCK, why: "verdict" }]);
  table.setHealth("gone.json", STRUCK, { from: HEALTHY, why: "verdict" });
  assert.equal(changes.length, 1);
});

Deno.test("nextChange() resolves at a report and at a new listing", async () => {
  const { table } = aTable("a");
  const atReport = table.nextChange();
  table.setHealth("a.json", STRUCK, { from: HEALTHY, why: "verdict" });
  await atReport;
  const atListing = table.nextChange();
  assert.notEqual(atListing, atReport);
  table.replaceAll([], T0);
  await atListing;
});

Deno.test("update() changes one key without a report", () => {
  const { table, changes } = aTable("a", "b");
  table.update("a.json", (entry) => ({ ...entry, used: 7 }));
  table.update("gone.json", (entry) => ({ ...entry, used: 7 }));
  assert.deepEqual(table.list().map(({ used }) => used), [7, 0]);
  assert.deepEqual(changes, []);
});
