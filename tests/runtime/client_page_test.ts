import assert from "node:assert/strict";
import type { AuthRecord } from "../../src/auth/record.ts";
import { KeyPool } from "../../src/auth/rotation.ts";
import { clientPageOf } from "../../src/runtime/client_page.ts";
import { aRecord, POLICY, T0 } from "../support/builders.ts";

function page(...records: readonly AuthRecord[]) {
  const pool = new KeyPool(POLICY, () => {});
  pool.merge(records, T0);
  const settings = { webSocket: "auto" } as Parameters<typeof clientPageOf>[0]["settings"];
  return clientPageOf({ settings, version: "0.1.0", pool, upstream: { isChatGpt: true }, nowMs: T0 });
}

Deno.test("clientPageOf() tells how many keys there are and whether one can serve, and names none", () => {
  assert.deepEqual(page(aRecord("work")), {
    version: "0.1.0",
    upstream: "chatgpt",
    takes_compressed: true,
    websocket: true,
    keys: 1,
    usable: true,
  });
  assert.deepEqual([page().usable, page().keys], [false, 0]);
});

Deno.test("clientPageOf() says that a key with an upstream of its own takes no compressed bodies", () => {
  assert.equal(page(aRecord("a"), aRecord("b", { upstream: "https://b.example" })).takes_compressed, false);
});
