import assert from "node:assert/strict";
import { StoreDown } from "../../src/fleet/shared_store.ts";
import { FakeEngine } from "../support/fake_store.ts";

const RECORD = { version: 1, tag: "t.1", keepMs: 1000, text: "x" };

Deno.test("a store keeps the first record of a version, and gives it to all who come later with another", async () => {
  const store = new FakeEngine().store();
  assert.equal(await store.put("n", RECORD), undefined);
  assert.deepEqual(await store.put("n", { ...RECORD, tag: "u.1" }), RECORD);
  assert.deepEqual(await store.all(), new Map([["n", RECORD]]));
});

Deno.test("a store that is away says why", async () => {
  const engine = new FakeEngine();
  engine.goDown("connection refused");
  await assert.rejects(engine.store().put("n", RECORD), new StoreDown("connection refused"));
});
