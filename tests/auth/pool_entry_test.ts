import assert from "node:assert/strict";
import { HEALTHY } from "../../src/auth/key_state.ts";
import { newEntry, withRecord } from "../../src/auth/pool_entry.ts";
import { Secret } from "../../src/values/secret.ts";
import { aHealth, aReading, aRecord, T0 } from "../support/builders.ts";

Deno.test("withRecord() keeps everything of a key with the same token, and nothing of one with another", () => {
  const known = {
    ...newEntry(aRecord("a")),
    health: aHealth({ strikes: 2 }),
    windows: [aReading({})],
    turn: 7,
    used: 5,
    lastSuccessMs: T0,
  };
  const renamed = { ...aRecord("a"), email: "new@example.com" };
  assert.deepEqual(withRecord(known, renamed), { ...known, record: renamed });
  const changed = { ...aRecord("a"), token: new Secret("another") };
  const { health, windows, turn, used, lastSuccessMs } = withRecord(known, changed);
  assert.deepEqual([health, windows, turn, used, lastSuccessMs], [HEALTHY, [], 7, 5, 0]);
});
